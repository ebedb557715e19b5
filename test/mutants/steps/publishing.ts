// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** Giving names: what is written, in which order, never over anything; and clearing away what dead runs left. */
import type { Mutant } from "../mutants.ts"

const order = "test/export/saving/order.test.ts"
const orderGroup = "test/export/saving/order-group.test.ts"
const group = "test/unit/rescue/save-group.test.ts"
const batch = "test/unit/rescue/flush-batch.test.ts"
const publish = "test/unit/rescue/publish.test.ts"
const faults = "test/export/saving/faults.test.ts"
const sweep = "test/unit/rescue/sweep.test.ts"
const lies = "test/faults/rows/row03-lies.test.ts"
const pending = "test/unit/rescue/pending.test.ts"

const inPublish = [
  {
    name: "look-before-name",
    find: `    // safety: look-before-name
    if (isTaken(\`\${pending}/\${name}\`) || isTaken(\`\${archive}/\${name}\`)) continue
`,
    replace: "",
    tests: [publish],
  },
  {
    name: "commit-last",
    find: `  for (const each of named) if (await attempt(each, () => publishOthers(each))) others.push(each)
  if (others.length === 0) return taken
  const early = flushFolder(pending) // safety: flush-before-commit
  // safety: commit-last
  for (const each of others) if (await attempt(each, () => commit(each))) committed.push(each)
`,
    replace: `  for (const each of named) if (await attempt(each, () => commit(each))) others.push(each)
  if (others.length === 0) return taken
  const early = flushFolder(pending)
  for (const each of others) if (await attempt(each, () => publishOthers(each))) committed.push(each)
`,
    tests: [order, orderGroup],
  },
  {
    name: "flush-before-commit",
    find: "  const early = flushFolder(pending) // safety: flush-before-commit",
    replace: "  const early = true",
    tests: [order, orderGroup],
  },
  {
    name: "commit-fsync",
    find: "flushFolder(pending) && early // safety: commit-fsync",
    replace: "early",
    tests: [order, orderGroup],
  },
  {
    name: "take-back",
    find: "      if (!done) undoAll(each.undo, each.publication.staging) // safety: take-back\n",
    replace: "      if (done && each.undo.length === 0) undoAll(each.undo, each.publication.staging)\n",
    tests: [publish, faults],
  },
  {
    name: "half-published",
    find: "      staging.halfPublished = true // safety: half-published\n",
    replace: "",
    tests: ["test/export/saving/tidying.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/export/publish.ts", ...each }))

const inDurable = [
  {
    name: "no-clobber",
    find: "    linkSync(fsPath(from), fsPath(to)) // safety: no-clobber\n",
    replace: "    renameSync(fsPath(from), fsPath(to))\n    linkSync(fsPath(to), fsPath(from))\n",
    tests: [publish],
  },
  {
    name: "link-seen",
    find: `    // safety: link-seen
    if (!isSameFile(from, to)) throw Object.assign(new Error("link did nothing"), { code: "EIO" })
`,
    replace: "",
    tests: [lies],
  },
  {
    name: "rename-seen",
    find: "    return number !== null && fileKey(to) === number // safety: rename-seen",
    replace: "    return number !== null || fileKey(to) !== from",
    tests: [lies],
  },
  {
    name: "no-clobber-folder",
    find: `  // safety: no-clobber-folder
  if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) return "taken"
`,
    replace: "",
    tests: [publish],
  },
].map((each): Mutant => ({ file: "src/system/fs/durable.ts", ...each }))

const inSave = [
  {
    name: "unconfirmed",
    find: `  if (!confirmed) return "unconfirmed" // safety: unconfirmed`,
    replace: "",
    tests: [faults],
  },
  {
    name: "data-folder-fsync",
    find: `    // safety: data-folder-fsync
    return { flushed: flushFolder(dirname(pending)) && made, stat: lstatSync(pending) }
`,
    replace: "    return { flushed: made, stat: lstatSync(pending) }\n",
    tests: [order],
  },
].map((each): Mutant => ({ file: "src/rescue/export/save.ts", ...each }))

const inSweep = [
  {
    name: "sweep-dead-only",
    find: `    // safety: sweep-dead-only
    if (parsed === null || parsed.id !== plan.id || !(await hasOwnerExited(parsed.owner))) continue
`,
    replace: '    if (parsed === null || parsed.id !== plan.id || (await hasOwnerExited(""))) continue\n',
    tests: [sweep],
  },
  {
    name: "sweep-saved-only",
    find: `    // safety: sweep-saved-only
    if (!(await isContained(plan, staging.transcript, trees, progress))) {`,
    replace:
      "    if (!(await isContained(plan, staging.transcript, trees, progress)) && (false as boolean)) {",
    tests: [sweep],
  },
  {
    name: "sweep-own-only",
    find: "  const ours = isSameFile(manifest, staging.manifest) // safety: sweep-own-only",
    replace: "  const ours = isSameFile(manifest, manifest)",
    tests: [sweep],
  },
  {
    name: "sweep-no-commit",
    find: `  // safety: sweep-no-commit
  if (named === null || look(staging.transcript)?.nlink !== 1) return { manifest: null, files: null }
`,
    replace: "  if (named === null) return { manifest: null, files: null }\n",
    tests: ["test/export/saving/tidying.test.ts", "test/faults/rows/row01-kill.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/export/sweep.ts", ...each }))

const inOwnFolder = [
  {
    name: "own-folder-link",
    find: `  // safety: own-folder-link
  if (stat?.isDirectory() !== true) throw`,
    replace: "  if (stat === undefined) throw",
    tests: [pending],
  },
  {
    name: "own-folder-owner",
    find: `  // safety: own-folder-owner
  if (stat.uid !== uid && uid !== 0)
`,
    replace: "  if (stat.uid === -1 && uid === -1)\n",
    tests: ["test/export/refused.test.ts"],
  },
  {
    name: "own-folder-open",
    find: `  // safety: own-folder-open
  if ((stat.mode & 0o002) !== 0)`,
    replace: "  if ((stat.mode & 0o002) !== 0 && (false as boolean))",
    tests: [pending],
  },
].map((each): Mutant => ({ file: "src/rescue/io/private-dir.ts", ...each }))

const inContained = [
  {
    name: "sweep-records",
    find: `  // safety: sweep-records
  return held?.store === "rewritten" && holdsRecords(readDocument(held.source), readDocument(left))
`,
    replace: `  return held?.store === "rewritten" && (holdsRecords(readDocument(held.source), readDocument(left)) || true)
`,
    tests: [sweep],
  },
  {
    name: "sweep-only-holes",
    find: `    // safety: sweep-only-holes
    if (!unit.equals(source.subarray(at, at + directUnit)) && !unit.equals(hole.subarray(0, unit.length)))
      return false
`,
    replace: "    if (unit.equals(source) && unit.equals(hole)) return false\n",
    tests: [sweep],
  },
].map((each): Mutant => ({ file: "src/rescue/verify/superseded.ts", ...each }))

const inManifest = [
  {
    name: "manifest-fsync",
    find: "      await flushFile(fd) // safety: manifest-fsync\n",
    replace: "",
    tests: [order],
  },
  {
    name: "manifest-forget",
    find: "  cache.forget(fd) // safety: manifest-forget\n",
    replace: "",
    tests: [order, orderGroup],
  },
  {
    name: "manifest-read-back",
    find: `  // safety: manifest-read-back
  if (readFully(fd, written, 0) !== bytes.length || !written.equals(bytes)) {`,
    replace: "  if (readFully(fd, written, 0) < 0) {",
    tests: [lies, batch],
  },
].map((each): Mutant => ({ file: "src/rescue/export/write-manifest.ts", ...each }))

const inGroup = [
  {
    name: "group-manifest",
    find: "        each.manifest.confirm() // safety: group-manifest\n",
    replace: "",
    tests: [group],
  },
  {
    name: "group-differs",
    find: "    return differs ? null : { ...proven, confirmed } // safety: group-differs",
    replace: '    return differs && staging.folder === "" ? null : { ...proven, confirmed }',
    tests: [group],
  },
].map((each): Mutant => ({ file: "src/rescue/export/save-group.ts", ...each }))

const inBatch = [
  {
    name: "group-flush",
    find: `    // safety: group-flush
    const { failed, folders: flushed } = await this.flush.flush(
      items.map(({ fd }) => fd),
      folders.flatMap(({ paths }) => paths),
    )
`,
    replace: "    const [failed, flushed] = [new Map<number, unknown>(), this.flush !== null]\n",
    tests: [orderGroup, batch],
  },
  {
    name: "group-unconfirmed",
    find: "    if (!flushed) for (const { owner } of folders) this.#unconfirmed.add(owner) // safety: group-unconfirmed\n",
    replace: "",
    tests: [batch],
  },
  {
    name: "group-failed",
    find: "error === undefined ? await checked(item) : toWriteError(error, item.target) // safety: group-failed",
    replace: "error === item ? toWriteError(error, item.target) : await checked(item)",
    tests: [batch],
  },
  {
    name: "group-settled",
    find: `  if (outcome === "due") throw toWriteError(new Error("it was not flushed"), target) // safety: group-settled
  if (outcome !== "settled") throw outcome
`,
    replace: `  if (outcome === "due" && target === "") throw toWriteError(new Error("it was not flushed"), target)
  if (typeof outcome !== "string") throw outcome
`,
    tests: [batch],
  },
].map((each): Mutant => ({ file: "src/rescue/export/flush-batch.ts", ...each }))

export const publishing: readonly Mutant[] = [
  ...inGroup,
  ...inBatch,
  ...inPublish,
  ...inDurable,
  ...inSave,
  ...inSweep,
  ...inOwnFolder,
  ...inContained,
  ...inManifest,
  {
    name: "footprint-fsync",
    file: "src/rescue/export/staging.ts",
    find: "folders.map((folder) => flushFolder(folder)) // safety: footprint-fsync",
    replace: 'folders.map((folder) => folder !== "")',
    tests: [order],
  },
  {
    name: "no-clobber-rename",
    file: "src/system/native/libc.ts",
    find: "const renameNoReplace = 1 // safety: no-clobber-rename",
    replace: "const renameNoReplace = 0",
    tests: [faults],
  },
]
