/** What the index says of a file counts only for that file as it is. */
import type { Mutant } from "../mutants.ts"

const inKnownFacts = [
  {
    name: "facts-current",
    find: `    if (!isSameVersion(known, stat)) return undefined // safety: facts-current
`,
    replace: `    if (stat.size < 0) return undefined
`,
    tests: ["test/commands/known-facts.test.ts"],
  },
].map((mutant): Mutant => ({ ...mutant, file: "src/pipeline/facts/known-facts.ts" }))

const inSessionFacts = [
  {
    name: "facts-settled",
    find: `    if (!hasSettled(stat, Date.now())) return // safety: facts-settled
`,
    replace: `    if (!hasSettled(stat, Number.MAX_SAFE_INTEGER)) return
`,
    tests: ["test/unit/pipeline/session-facts.test.ts"],
  },
].map((mutant): Mutant => ({ ...mutant, file: "src/pipeline/indexing/session-facts.ts" }))

const inReader = [
  {
    name: "facts-intact",
    find: `      return this.#opened.isIntact() ? rows : null // safety: facts-intact
`,
    replace: `      return rows
`,
    tests: ["test/unit/index/file-facts.test.ts"],
  },
].map((mutant): Mutant => ({ ...mutant, file: "src/index/facts-reader.ts" }))

const inDetection = [
  {
    name: "facts-same",
    find: `    const isAsFound = asFound !== null && isSameVersion(opened.stat(), asFound) // safety: facts-same
`,
    replace: `    const isAsFound = asFound !== null && isSameVersion(asFound, asFound)
`,
    tests: ["test/unit/pipeline/session-facts.test.ts"],
  },
].map(
  (mutant): Mutant => ({
    ...mutant,
    file: "plugins/detect/claude-code/sessions/transcript-facts.ts",
  }),
)

export const listing: readonly Mutant[] = [...inKnownFacts, ...inSessionFacts, ...inReader, ...inDetection]
