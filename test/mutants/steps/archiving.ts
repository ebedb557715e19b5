// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** An export becomes an archive: proved, named, and only then removed. */
import type { Mutant } from "../mutants.ts"

const inArchive = [
  {
    name: "archive-then-remove",
    find: `    // safety: archive-then-remove
    await removeRaw(
      items.filter(({ failure }) => failure === null),
      options,
    )
`,
    replace: `    await removeRaw(
      items.map((item) => ({ ...item, failure: null })),
      options,
    )
`,
    tests: ["test/archive/proof.test.ts", "test/archive/order.test.ts"],
  },
  {
    name: "archive-files-fsync",
    find: `    made.flatMap((each) => filesOf(each).map(({ fd }) => fd)), // safety: archive-files-fsync
`,
    replace: `    [],
`,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-folders-fsync",
    find: `    made.flatMap(({ staged }) => [...staged.folders]), // safety: archive-folders-fsync
`,
    replace: `    [],
`,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-file-failed",
    find: `      if (failed.has(fd)) throw toWriteError(failed.get(fd), path) // safety: archive-file-failed
`,
    replace: `      if (failed.has(fd) && fd < 0) throw toWriteError(failed.get(fd), path)
`,
    tests: ["test/archive/group.test.ts"],
  },
  {
    name: "archive-folders-failed",
    find: `    if (!folders) throw notFlushed(archive) // safety: archive-folders-failed
`,
    replace: `    if (!folders && archive === "") throw notFlushed(archive)
`,
    tests: ["test/archive/group.test.ts"],
  },
  {
    name: "archive-forget",
    find: `  for (const { fd } of staged.files) cache.forget(fd) // safety: archive-forget
`,
    replace: `  if (staged.files.length < 0) cache.forget(0)
`,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-decoded",
    find: `    await verifyAll(raw, (file) => archiver.open(source, file, 0), progress) // safety: archive-decoded
`,
    replace: `    await readBack(manifest.fd, manifest.path, manifest.bytes)
`,
    tests: ["test/archive/proof.test.ts"],
  },
  {
    name: "archive-record-last",
    find: `    await publishFiles(making, archive, raw) // safety: archive-record-last
    writeRecord(making, raw, { archiver: archiver.name, version: options.version, archivedAt: options.now() })
`,
    replace: `    writeRecord(making, raw, { archiver: archiver.name, version: options.version, archivedAt: options.now() })
    await publishRecord(making, archive, raw.saved.name)
    await publishFiles(making, archive, raw)
`,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-record-flushed",
    find: `    records.map(({ fd }) => fd), // safety: archive-record-flushed
`,
    replace: `    [],
`,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-flush-before-record",
    find: `    [...places, archive], // safety: archive-flush-before-record
`,
    replace: `    [...places].slice(0, 0),
`,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-names-failed",
    find: `    // safety: archive-names-failed
    if (failed.has(record.fd) || !folders) throw notFlushed(archive)
`,
    replace: ``,
    tests: ["test/archive/group.test.ts"],
  },
  {
    name: "archive-record-fsync",
    find: `  const isFlushed = !committed || flushFolder(archive) // safety: archive-record-fsync`,
    replace: `  const isFlushed = committed || true`,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-record-failed",
    find: `    if (!isFlushed) throw notFlushed(archive) // safety: archive-record-failed
`,
    replace: ``,
    tests: ["test/archive/group.test.ts"],
  },
  {
    name: "raw-jsonl-first",
    find: `  // safety: raw-jsonl-first
  await forEach(items, ({ raw }) => void removed.add(removeRawTranscript(raw)))
  flushAll()
  await forEach(items, ({ raw }) => removeRawFiles(raw, warn))
  flushAll()
`,
    replace: `  await forEach(items, ({ raw }) => removeRawFiles(raw, warn))
  await forEach(items, ({ raw }) => void removed.add(removeRawTranscript(raw)))
  flushAll()
`,
    tests: ["test/archive/order.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/archive/archive.ts", ...each }))

const inReverifying = [
  {
    name: "archive-of-this",
    find: `  // safety: archive-of-this
  if (!raw.manifestBytes.equals(readFileSync(archived.manifestPath))) {`,
    replace: `  if (raw.manifestBytes.length < 0) {`,
    tests: ["test/archive/refused.test.ts"],
  },
  {
    name: "archive-decoded-anew",
    find: `  await verifyAll(raw, (file) => options.readStored(archived, file, 0), options.progress) // safety: archive-decoded-anew
`,
    replace: ``,
    tests: ["test/archive/proof.test.ts"],
  },
  {
    name: "archive-found-fsync",
    find: `  // safety: archive-found-fsync
  if (!flushNames(archived)) throw notFlushed(dirname(archived.manifestPath))
`,
    replace: ``,
    tests: ["test/archive/order.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/archive/reverify.ts", ...each }))

const inPublishing = [
  {
    name: "archive-in-the-way",
    find: `    // safety: archive-in-the-way
    await verifyStored(archive, [file])
`,
    replace: ``,
    tests: ["test/archive/refused.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/archive/publish.ts", ...each }))

const inProof = [
  {
    name: "archive-sum",
    find: `    // safety: archive-sum
    if (sha256 !== file.sha256)
`,
    replace: `    if (sha256 === "")
`,
    tests: ["test/archive/proof.test.ts"],
  },
  {
    name: "archive-compare",
    find: `        if (other !== null && same) same = agrees(other, part, length + from, buffer) // safety: archive-compare
`,
    replace: ``,
    tests: ["test/archive/proof.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/verify/verify-archived.ts", ...each }))

const inRaw = [
  {
    name: "raw-inside",
    find: `  // safety: raw-inside
  if (!isInside(file, \`\${name}.jsonl\`)) {`,
    replace: `  if (!isInside(file, \`\${name}.jsonl\`) && (false as boolean)) {`,
    tests: ["test/archive/refused.test.ts"],
  },
  {
    name: "raw-as-compared",
    find: `  // safety: raw-as-compared
  if (changed !== undefined) {`,
    replace: `  if (changed !== undefined && (false as boolean)) {`,
    tests: ["test/archive/proof.test.ts"],
  },
  {
    name: "raw-not-written",
    find: `  return !wasWritten(source) // safety: raw-not-written
`,
    replace: `  return wasWritten(source) || true
`,
    tests: ["test/archive/proof.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/archive/remove-raw.ts", ...each }))

const inSweep = [
  {
    name: "sweep-archive-dead-only",
    find: `    if (parsed === null || !(await hasOwnerExited(parsed.owner))) continue // safety: sweep-archive-dead-only`,
    replace: `    if (parsed === null || (await hasOwnerExited(""))) continue`,
    tests: ["test/archive/proof.test.ts"],
  },
  {
    name: "sweep-archive-raw-whole",
    find: `    // safety: sweep-archive-raw-whole
    if (raw === null || !(await isWhole(raw, progress))) {`,
    replace: `    if ((raw === null || !(await isWhole(raw, progress))) && (false as boolean)) {`,
    tests: ["test/archive/proof.test.ts"],
  },
  {
    name: "sweep-rest-proved",
    find: `      // safety: sweep-rest-proved
      if (!(await isVerified(archived, options))) return
`,
    replace: ``,
    tests: ["test/archive/proof.test.ts"],
  },
  {
    name: "sweep-rest-same",
    find: `      // safety: sweep-rest-same
      if (other === null) removeCompanionFiles(archived, pending, options.warn)
`,
    replace: `      if (other === null || true) removeCompanionFiles(archived, pending, options.warn)
`,
    tests: ["test/archive/proof.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/archive/sweep.ts", ...each }))

const inFolder = [
  {
    name: "archive-no-links",
    find: `  // safety: archive-no-links
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {`,
    replace: `  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) {`,
    tests: ["test/archive/refused.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/archive/folder.ts", ...each }))

export const archiving: readonly Mutant[] = [
  ...inArchive,
  ...inReverifying,
  ...inPublishing,
  ...inProof,
  ...inRaw,
  ...inSweep,
  ...inFolder,
  {
    name: "archive-same-as-raw",
    file: "src/rescue/archive/verify-all.ts",
    find: `      // safety: archive-same-as-raw
      if (!same)`,
    replace: `      if (!same && (false as boolean))`,
    tests: ["test/archive/proof.test.ts"],
  },
  {
    name: "index-before-state",
    file: "src/pipeline/queue/group.ts",
    find: `    const lost = await indexSession.commit() // safety: index-before-state
`,
    replace: `    const lost = new Map<string, Error>()
`,
    tests: ["test/process/group.test.ts"],
  },
  {
    name: "archive-name-inside",
    file: "src/rescue/archive/staging.ts",
    find: `    if (!isStoredName(name, raw.name) || taken) throw misuse(\`\${JSON.stringify(name)} is not a valid name\`) // safety: archive-name-inside
`,
    replace: `    if (taken) throw misuse(\`\${JSON.stringify(name)} is not a valid name\`)
`,
    tests: ["test/archive/proof.test.ts"],
  },
]
