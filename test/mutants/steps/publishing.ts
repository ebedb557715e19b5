// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** Giving names: what is written, in which order, never over anything; and clearing away what dead runs left. */
import type { Mutant } from "../mutants.ts"

const order = "test/export/saving/order.test.ts"
const publish = "test/unit/rescue/publish.test.ts"
const faults = "test/export/saving/faults.test.ts"
const sweep = "test/unit/rescue/sweep.test.ts"
const lies = "test/faults/rows/row03-lies.test.ts"
const pending = "test/unit/rescue/pending.test.ts"

const inPublish = [
  {
    name: "look-before-name",
    find: `      // safety: look-before-name
      if (isTaken(\`\${pending}/\${name}\`) || isTaken(\`\${archive}/\${name}\`)) continue
`,
    replace: "",
    tests: [publish],
  },
  {
    name: "commit-last",
    find: `    // safety: commit-last
    if ((await publishFile(staging.manifest, \`\${target}.manifest.json\`)) === "taken") return "taken"
    undo.push(() => removeFile(\`\${target}.manifest.json\`))
    const early = flushFolder(pending) // safety: flush-before-commit
    if ((await publishFile(staging.transcript, \`\${target}.jsonl\`)) === "taken") return "taken"
`,
    replace: `    if ((await publishFile(staging.transcript, \`\${target}.jsonl\`)) === "taken") return "taken"
    const early = flushFolder(pending)
    if ((await publishFile(staging.manifest, \`\${target}.manifest.json\`)) === "taken") return "taken"
`,
    tests: [order],
  },
  {
    name: "flush-before-commit",
    find: "    const early = flushFolder(pending) // safety: flush-before-commit",
    replace: "    const early = true",
    tests: [order],
  },
  {
    name: "commit-fsync",
    find: "    return flushFolder(pending) && early // safety: commit-fsync",
    replace: "    return early",
    tests: [order],
  },
  {
    name: "take-back",
    find: "    if (!committed) undoAll(undo, staging) // safety: take-back\n",
    replace: "    if (committed && undo.length === 0) undoAll(undo, staging)\n",
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
    find: "      cache.forget(fd) // safety: manifest-forget\n",
    replace: "",
    tests: [order],
  },
  {
    name: "manifest-read-back",
    find: `      // safety: manifest-read-back
      if (readFully(fd, written, 0) !== bytes.length || !written.equals(bytes)) {`,
    replace: "      if (readFully(fd, written, 0) < 0) {",
    tests: [lies],
  },
].map((each): Mutant => ({ file: "src/rescue/export/write-manifest.ts", ...each }))

export const publishing: readonly Mutant[] = [
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
    find: `  // safety: footprint-fsync
  const flushed = [...foldersOf(files, staging.files)].map((folder) => flushFolder(folder))
`,
    replace: '  const flushed = [...foldersOf(files, staging.files)].map((folder) => folder !== "")\n',
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
