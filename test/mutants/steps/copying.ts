/** Reading the source, writing the copy, flushing and comparing it. */
import type { Mutant } from "../mutants.ts"

const order = "test/export/saving/order.test.ts"
const copy = "test/unit/rescue/copy/copy.test.ts"
const rewritten = "test/unit/rescue/copy/rewritten.test.ts"
const copyLarge = "test/unit/rescue/copy/copy-large.test.ts"
const copyBehind = "test/unit/rescue/copy/copy-behind.test.ts"
const orderLarge = "test/export/saving/order-large.test.ts"
const sums = "test/unit/rescue/copy/checksums.test.ts"
const footprint = "test/export/footprint.test.ts"
const compare = "test/unit/rescue/copy/compare.test.ts"
const lies = "test/faults/rows/row03-lies.test.ts"

const inCopy = [
  {
    name: "copy-fsync",
    find: `    // safety: copy-fsync
    await flushFile(fd).catch((error) => {
      throw toWriteError(error, target)
    })
`,
    replace: "",
    tests: [order],
  },
  {
    name: "copy-forget",
    find: "    ;(await pageCache()).forget(fd) // safety: copy-forget\n",
    replace: "",
    tests: [order],
  },
  {
    name: "second-read",
    find: "{ fd: source.fd, toError: (error) => toSourceError(error, source.path) }, // safety: second-read",
    replace: "{ fd, toError: (error) => toSourceError(error, source.path) },",
    tests: [order, copy],
  },
  {
    name: "copy-read-back",
    find: "{ fd, toError: (error) => toWriteError(error, target) }, // safety: copy-read-back",
    replace: "{ fd: source.fd, toError: (error) => toWriteError(error, target) },",
    tests: [order, copy],
  },
  {
    name: "source-fate",
    find: `    if (fate !== "same" && fate !== "vanished") return fate // safety: source-fate\n`,
    replace: "",
    tests: [copy],
  },
  {
    name: "compare",
    find: `    if (!same) return "differs" // safety: compare\n`,
    replace: "",
    tests: [copy],
  },
  {
    name: "half-written",
    find: "(attempt === attempts || !isHalfWritten(source))) return result // safety: half-written",
    replace: "attempt > 0) return result",
    tests: [rewritten],
  },
  {
    name: "half-copy",
    find: "    if (!whole) discard(target) // safety: half-copy\n",
    replace: "",
    tests: [copy],
  },
].map((each): Mutant => ({ file: "src/rescue/copy/copy.ts", ...each }))

const orderGroup = "test/export/saving/order-group.test.ts"
const written = "test/unit/rescue/copy/written-copy.test.ts"

/** A copy that is flushed with others. */
const inWritten = [
  {
    name: "group-forget",
    find: "  ;(await pageCache()).forget(fd) // safety: group-forget\n",
    replace: "",
    tests: [orderGroup],
  },
  {
    name: "group-second-read",
    find: "{ fd: source.fd, toError: (error) => toSourceError(error, source.path) }, // safety: group-second-read",
    replace: "{ fd, toError: (error) => toSourceError(error, source.path) },",
    tests: [orderGroup, written],
  },
  {
    name: "group-read-back",
    find: "{ fd, toError: (error) => toWriteError(error, target) }, // safety: group-read-back",
    replace: "{ fd: source.fd, toError: (error) => toWriteError(error, target) },",
    tests: [orderGroup, written],
  },
  {
    name: "group-sum",
    find: "  if (sha256 !== facts.sha256) return null // safety: group-sum\n",
    replace: "",
    tests: [written],
  },
  {
    name: "group-fate",
    find: `  if (fate !== "same" && fate !== "vanished") return null // safety: group-fate\n`,
    replace: "",
    tests: [written],
  },
  {
    name: "group-half-written",
    find: "  if (!same || isHalfWritten(source)) return null // safety: group-half-written\n",
    replace: "  if (!same) return null\n",
    tests: [rewritten],
  },
].map((each): Mutant => ({ file: "src/rescue/copy/written-copy.ts", ...each }))

/** Both ways of writing go through it: the plain one, and the one past the kernel's memory. */
const inTransfer = [
  {
    name: "length-bound",
    find: `    // safety: length-bound
    for (let offset = 0; offset < source.length; ) {
      const part = buffer().subarray(0, Math.min(step, source.length - offset))
      const count = readPart(source, part, offset)
      if (count === 0) return false
`,
    replace: `    for (let offset = 0; offset < source.length + (1 << 20); ) {
      const part = buffer().subarray(0, step)
      const count = readPart(source, part, offset)
      if (count === 0) return offset >= source.length
`,
    tests: [copy, copyLarge],
  },
  {
    name: "direct-write-on",
    find: "    if (count === part.length) return // safety: direct-write-on\n",
    replace: '    if (typeof count === "number") return\n',
    tests: ["test/faults/rows/row03-large.test.ts"],
  },
  {
    name: "stretch-written",
    find: "        await finishAll() // safety: stretch-written\n",
    replace: "",
    tests: [orderLarge],
  },
  {
    name: "stretch-left-off",
    find: "    flusher.stop() // safety: stretch-left-off",
    replace: "    // left out",
    tests: [orderLarge],
  },
].map((each): Mutant => ({ file: "src/rescue/copy/transfer.ts", ...each }))

/** A large copy is compared while its rest is being written. */
const behindTheWriting: readonly Mutant[] = [
  {
    name: "stretch-flush",
    file: "src/rescue/copy/transfer.ts",
    find: "      // safety: stretch-flush\n      flushing = flushAsync(fd)\n",
    replace: "",
    tests: [orderLarge],
  },
  {
    name: "stretch-flush-failed",
    file: "src/rescue/copy/transfer.ts",
    find: "      await flushing // safety: stretch-flush-failed\n",
    replace: "",
    tests: ["test/faults/rows/row03-ranges.test.ts"],
  },
  {
    name: "behind-the-writing",
    file: "src/rescue/copy/copy-cursors.ts",
    find: "end <= reached || wait(end), // safety: behind-the-writing",
    replace: "true || wait(end),",
    tests: [copyBehind],
  },
]

const inCompare = [
  {
    name: "short-read",
    find: "    if (readSide(a, one, offset) !== one.length) return false // safety: short-read\n",
    replace: "    readSide(a, one, offset)\n",
    tests: [compare],
  },
  {
    name: "compared-all",
    find: "  return offset === length // safety: compared-all\n",
    replace: "  return offset <= length\n",
    tests: [compare],
  },
  {
    name: "direct-short-read",
    find: `      // safety: direct-short-read
      if (typeof count === "number" && count >= part.length) yield part
`,
    replace: `      if (typeof count === "number") yield part
`,
    tests: [compare],
  },
  {
    name: "byte-compare",
    find: "    if (!one.equals(other)) return false // safety: byte-compare\n",
    replace: "",
    tests: [compare, copy],
  },
].map((each): Mutant => ({ file: "src/rescue/copy/compare.ts", ...each }))

const inSums = [
  {
    name: "hash-right-bytes",
    find: `      // safety: hash-right-bytes
      if (part.buffer !== memory.buffer || part.byteOffset !== memory.byteOffset + slot * slotBytes)
        throw new Error("hashing the wrong bytes")
`,
    replace: "",
    tests: [sums],
  },
  {
    name: "hash-buffer-free",
    find: `      // safety: hash-buffer-free
      for (let late = 0; taken - hashed >= ring.slots; hashed`,
    replace: "      for (let late = 0; taken - hashed >= 1 << 20; hashed",
    tests: [sums],
  },
].map((each): Mutant => ({ file: "src/rescue/io/checksums.ts", ...each }))

const inSource = [
  {
    name: "no-follow",
    find: `    // safety: no-follow
    fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)`,
    replace: "    fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_NONBLOCK)",
    tests: [copy, footprint],
  },
  {
    name: "plain-file",
    find: "    // safety: plain-file\n    if (!stat.isFile()) {",
    replace: "    if (false as boolean) {",
    tests: [copy, footprint],
  },
  {
    name: "source-replaced",
    find: `    if (isOther) return "replaced" // safety: source-replaced\n`,
    replace: "",
    tests: [copy],
  },
  {
    name: "source-shrunk",
    find: `    if (Number(held.size) < source.length) return "shrunk" // safety: source-shrunk\n`,
    replace: "",
    tests: [copy],
  },
  {
    name: "source-rewritten",
    find: `    if (source.store === "rewritten" && !isAsOpened(source, held)) return "rewritten" // safety: source-rewritten\n`,
    replace: "",
    tests: [rewritten],
  },
].map((each): Mutant => ({ file: "src/rescue/io/source-file.ts", ...each }))

const inDurable = [
  { name: "file-fsync", find: "  fsyncSync(fd) // safety: file-fsync\n", replace: "", tests: [order] },
  {
    name: "folder-fsync",
    find: "      fsyncSync(fd) // safety: folder-fsync\n",
    replace: "",
    tests: [order],
  },
  {
    name: "fsync-refused",
    find: "    return false // safety: fsync-refused",
    replace: "    return true",
    tests: ["test/export/saving/faults.test.ts"],
  },
  {
    name: "private-file",
    find: "const privateFile = 0o600 // safety: private-file",
    replace: "const privateFile = 0o644",
    tests: ["test/export/saving/bytes.test.ts"],
  },
  {
    name: "private-folder",
    find: "const privateFolder = 0o700 // safety: private-folder",
    replace: "const privateFolder = 0o755",
    tests: ["test/export/saving/bytes.test.ts"],
  },
  {
    name: "new-file-only",
    find: `  // safety: new-file-only
  const fd = openSync(fsPath(path), constants.O_RDWR | constants.O_CREAT | constants.O_EXCL, privateFile)`,
    replace:
      "  const fd = openSync(fsPath(path), constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, privateFile)",
    tests: [copy],
  },
  {
    name: "write-on",
    find: "  // safety: write-on\n  while (written < bytes.length) {",
    replace: "  for (let once = 0; once < 1; once++) {",
    tests: [lies, "test/faults/rows/row04-full-disk.test.ts"],
  },
].map((each): Mutant => ({ file: "src/system/fs/durable.ts", ...each }))

const groupFlush = "test/unit/system/group-flush.test.ts"

/** Flushing many files at once. */
const inGroupFlush = [
  {
    name: "group-sync-failed",
    find: "      if (whole && sync?.run()) return { failed: new Map(), folders: true } // safety: group-sync-failed",
    replace: "      if (whole && sync?.run() !== undefined) return { failed: new Map(), folders: true }",
    tests: ["test/faults/group/group-errors.test.ts"],
  },
  {
    name: "group-sync-kinds",
    find: "    if (!syncedKinds.has(statfsSync(folder).type)) return null // safety: group-sync-kinds",
    replace: "    if (syncedKinds.size === 0) return null",
    tests: ["test/faults/group/group-lying-disk.test.ts"],
  },
  {
    name: "group-same-disk",
    find: "files.every((file) => fstatSync(file).dev === device), // safety: group-same-disk",
    replace: "files.length > 0 && device > 0,",
    tests: [groupFlush],
  },
  {
    name: "group-folders",
    find: "folders.map((each) => flushFolder(each)) // safety: group-folders",
    replace: 'folders.map((each) => each !== "")',
    tests: [groupFlush],
  },
  {
    name: "group-each-failed",
    find: "void failed.set(file, error)) // safety: group-each-failed",
    replace: "void (error && failed))",
    tests: [groupFlush],
  },
].map((each): Mutant => ({ file: "src/system/fs/group-flush.ts", ...each }))

export const copying: readonly Mutant[] = [
  ...inGroupFlush,
  ...inWritten,
  ...inCopy,
  ...inTransfer,
  ...behindTheWriting,
  ...inCompare,
  ...inSums,
  ...inSource,
  ...inDurable,
  {
    name: "clone-length",
    file: "src/system/native/clone.ts",
    find: "  // safety: clone-length\n  ftruncateSync(to, length) // it may have grown since its length was taken\n",
    replace: "",
    tests: ["test/unit/rescue/copy/clone.test.ts"],
  },
  {
    name: "name-stays-inside",
    file: "src/rescue/copy/copy-name.ts",
    find: "// safety: name-stays-inside\nconst unsafeName = /[\\u0000-\\u001f\\u007f]|%[0-9A-F]{2}|^\\.{0,2}$|^%$/",
    replace: "const unsafeName = /[\\u0000-\\u001f\\u007f]|%[0-9A-F]{2}|^%$/",
    tests: ["test/unit/rescue/copy/copy-name.test.ts"],
  },
  {
    name: "name-taken",
    file: "src/rescue/copy/copy-name.ts",
    find: "  if (!taken.has(name)) return name // safety: name-taken",
    replace: '  if (!taken.has(name) || name !== "") return name',
    tests: ["test/unit/rescue/copy/copy-name.test.ts"],
  },
]
