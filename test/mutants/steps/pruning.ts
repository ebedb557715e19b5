// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** Which exports may go because another holds them, and one run at a time. */
import type { Mutant } from "../mutants.ts"

const inPrune = [
  {
    name: "prune-lock",
    find: `  if (lock === null) return "another run is working on it" // safety: prune-lock
`,
    replace: `  if (lock === null) return (await removeExport(saved)) ? null : ""
`,
    tests: ["test/exports/prune.test.ts"],
  },
  {
    name: "prune-keeper-whole",
    find: `    else if (!(await whole(other)))
      say(other, "it is damaged: session-rescue verify says where") // safety: prune-keeper-whole
`,
    replace: `    else if (!(await whole(other)) && (false as boolean)) say(other, "")
`,
    tests: ["test/exports/prune.test.ts"],
  },
  {
    name: "prune-compare",
    find: `      // safety: prune-compare
      const why = await reasonNotContained(saved, other, read, progress).catch(unreadable)
`,
    replace: `      const why = null as string | null
`,
    tests: ["test/exports/prune.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/prune/prune.ts", ...each }))

const inHolds = [
  {
    name: "prune-unlisted",
    find: `  if (unlisted !== undefined) return \`\${unlisted.path} is not in its manifest\` // safety: prune-unlisted
`,
    replace: ``,
    tests: ["test/exports/prune.test.ts"],
  },
  {
    name: "prune-length",
    find: `    if (source.length !== file.length) return false // safety: prune-length
`,
    replace: ``,
    tests: ["test/exports/prune.test.ts"],
  },
  {
    name: "prune-records",
    find: `      // safety: prune-records
      if (bytes === null || !(await holdsDocument(other, file, bytes, progress)))
        return \`its \${file.relative} lacks records of the other's\`
`,
    replace: `      if (bytes === null) await holdsDocument(other, file, readOrDamaged(read, keeper, file), progress)
`,
    tests: ["test/detect/gemini/rewritten.test.ts"],
  },
  {
    name: "prune-bytes",
    find: `      // safety: prune-bytes
      if (readFully(source.fd, buffer, offset) !== wanted.length || !buffer.equals(wanted)) return false
`,
    replace: `      if (readFully(source.fd, buffer, offset) < 0) return false
`,
    tests: ["test/exports/prune.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/verify/contains.ts", ...each }))

const inUnmaking = [
  {
    name: "prune-hidden-first",
    find: `    // safety: prune-hidden-first
    moveFolder(hidden, \`\${folder}/\${base}.gone\`)
`,
    replace: `    discard(hidden)
`,
    tests: ["test/exports/prune-faults.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/catalog/remove-export.ts", ...each }))

const inLock = [
  {
    name: "lock-looks-again",
    find: `    // safety: lock-looks-again
    if ((await otherLocks(pending, name, own)).length === 0) return`,
    replace: `    if ((await otherLocks(pending, name, own)).length >= 0) return`,
    tests: ["test/archive/queue.test.ts"],
  },
  {
    name: "lock-held",
    find: `  return held.filter((lock) => !lock.stale && lock.path !== \`\${pending}/\${locksFolder}/\${own}\`) // safety: lock-held`,
    replace: `  return held.filter((lock) => !lock.stale && lock.path === "")`,
    tests: ["test/archive/queue.test.ts"],
  },
].map((each): Mutant => ({ file: "src/rescue/io/lock.ts", ...each }))

const inVerify: readonly Mutant[] = [
  {
    name: "verify-missing",
    file: "src/operations/exports/verify.ts",
    find: `  return now === undefined ? null : { entry, state, ...checked } // safety: verify-missing`,
    replace: `  return null`,
    tests: ["test/exports/verify.test.ts"],
  },
]

export const pruning: readonly Mutant[] = [...inPrune, ...inHolds, ...inUnmaking, ...inLock, ...inVerify]
