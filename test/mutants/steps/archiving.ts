// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** An export becomes an archive: proved, named, and only then removed. */
import type { Mutant } from "../mutants.ts"

const inArchive = [
  {
    name: "archive-then-remove",
    find: `    // safety: archive-then-remove
    const archived =
      earlier === null
        ? await makeArchive(raw, archiver, options)
        : await reverifyArchive(earlier, raw, options)
    removeRawExport(raw, options.warn)
`,
    replace: `    const made = earlier === null ? makeArchive(raw, archiver, options) : reverifyArchive(earlier, raw, options)
    const archived = await made.finally(() => removeRawExport(raw, options.warn))
`,
    tests: ["test/archive/proof.test.ts", "test/archive/order.test.ts"],
  },
  {
    name: "archive-folders-fsync",
    find: `  if (!staged.flushFolders()) throw notFlushed(staging.folder) // safety: archive-folders-fsync
`,
    replace: ``,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-decoded",
    find: `    await verifyAll(raw, (file) => archiver.open(source, file, 0), progress) // safety: archive-decoded
`,
    replace: `    await checkpoint(progress)
`,
    tests: ["test/archive/proof.test.ts"],
  },
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
  {
    name: "archive-same-as-raw",
    find: `      // safety: archive-same-as-raw
      if (!same)`,
    replace: `      if (!same && (false as boolean))`,
    tests: ["test/archive/proof.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/archive/archive.ts", ...each }))

const inPublishing = [
  {
    name: "archive-record-last",
    find: `  // safety: archive-record-last
  const manifest = \`\${name}.manifest.json\`
  await publishOrKeep(staging.manifest, archive, describe(staging.manifest, manifest))
  for (const { path, length } of facts.stored) {
    if (lstatSync(\`\${archive}/\${path}\`, { throwIfNoEntry: false })?.size !== length) {
      throw new RescueError(
        "CANNOT_WRITE",
        \`\${archive}/\${path} is not there any more\`,
        "the export stays as it is",
      )
    }
  }
  // safety: archive-flush-before-record
  const flushed = [...folders, archive].map((folder) => flushFolder(folder)) // deepest first
  if (flushed.includes(false)) return false
  const record = \`\${staging.folder}/record.json\`
  await writeFlushed(record, Buffer.from(\`\${JSON.stringify(recordOf(facts), null, 2)}\\n\`))
  const final = \`\${archive}/\${name}.archive.json\`
  try {
    if ((await publishFile(record, final)) === "taken") throw inTheWay(final)
  } catch (error) {
    throw toWriteError(error, final)
  }
`,
    replace: `  const record = \`\${staging.folder}/record.json\`
  await writeFlushed(record, Buffer.from(\`\${JSON.stringify(recordOf(facts), null, 2)}\\n\`))
  const final = \`\${archive}/\${name}.archive.json\`
  try {
    if ((await publishFile(record, final)) === "taken") throw inTheWay(final)
  } catch (error) {
    throw toWriteError(error, final)
  }
  const manifest = \`\${name}.manifest.json\`
  await publishOrKeep(staging.manifest, archive, describe(staging.manifest, manifest))
  for (const { path, length } of facts.stored) {
    if (lstatSync(\`\${archive}/\${path}\`, { throwIfNoEntry: false })?.size !== length) {
      throw new RescueError(
        "CANNOT_WRITE",
        \`\${archive}/\${path} is not there any more\`,
        "the export stays as it is",
      )
    }
  }
  const flushed = [...folders, archive].map((folder) => flushFolder(folder)) // deepest first
  if (flushed.includes(false)) return false
`,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-flush-before-record",
    find: `  // safety: archive-flush-before-record
  const flushed = [...folders, archive].map((folder) => flushFolder(folder)) // deepest first
  if (flushed.includes(false)) return false
`,
    replace: ``,
    tests: ["test/archive/order.test.ts"],
  },
  {
    name: "archive-record-fsync",
    find: `  return flushFolder(archive) // safety: archive-record-fsync`,
    replace: `  return true`,
    tests: ["test/archive/order.test.ts"],
  },
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
  {
    name: "raw-jsonl-first",
    find: `    // safety: raw-jsonl-first
    removeIfThere(\`\${folder}/\${saved.name}.jsonl\`)
    flushFolder(folder)
    removeCompanionFiles(saved, folder, warn)
`,
    replace: `    removeCompanionFiles(saved, folder, warn)
    removeIfThere(\`\${folder}/\${saved.name}.jsonl\`)
    flushFolder(folder)
`,
    tests: ["test/archive/order.test.ts"],
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
  ...inPublishing,
  ...inProof,
  ...inRaw,
  ...inSweep,
  ...inFolder,
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
