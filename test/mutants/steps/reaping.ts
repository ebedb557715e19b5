// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** What a living client, or a person, may still need of what clients have started. */
import type { Mutant } from "../mutants.ts"

const reap = "test/reap/reap.test.ts"
const spared = "test/reap/spared.test.ts"
const background = "test/reap/background.test.ts"
const meanwhile = "test/reap/changed-since.test.ts"

const inLeft = [
  {
    name: "client-above",
    find: "  if (scene.inUse.has(process.pid)) return false // safety: client-above\n",
    replace: "",
    tests: [spared],
  },
  {
    name: "host-in-use",
    find: "    return !serves && !scene.servedHomes.has(markedHome(details.environment)) // safety: host-in-use",
    replace: `    return serves || markedHome(details.environment) !== ""`,
    tests: [background],
  },
  {
    name: "starter-lives",
    find: "  // safety: starter-lives\n  if (starter !== null) return !isStarterAlive(starter, process, scene)\n",
    replace: "  if (starter !== null) return isStarterAlive(starter, process, scene) || starter > 0\n",
    tests: [spared],
  },
  {
    name: "opencode-lives",
    find: "  return entry !== undefined && entry.startedAt <= process.startedAt // safety: opencode-lives",
    replace: "  return entry !== undefined && entry.startedAt > process.startedAt",
    tests: ["test/reap/opencode.test.ts"],
  },
  {
    name: "held-since",
    find: "  return since === undefined || process.startedAt < since // safety: held-since",
    replace: "  return since === undefined || since > 0",
    tests: [spared],
  },
  {
    name: "own-work",
    find: `.test(scene.details.get(pid)?.executable ?? "") // safety: own-work`,
    replace: `.test(scene.details.has(pid) ? "" : "")`,
    tests: [spared],
  },
].map((each): Mutant => ({ file: "src/operations/reap/is-leftover.ts", ...each }))

const inKept = [
  {
    name: "reap-guards",
    find: "    if (refusal === null) continue // safety: reap-guards",
    replace: "    if (refusal === null || (true as boolean)) continue",
    tests: [spared],
  },
  {
    name: "client-below",
    find: "    if (scene.clients.has(each.pid)) return `a session runs below it (${what})` // safety: client-below\n",
    replace: "",
    tests: [spared],
  },
  {
    name: "terminal-below",
    find: "    // safety: terminal-below\n    if (each.terminal !== null && each.terminal !== top.terminal)",
    replace: "    if (each.terminal !== null && each.terminal !== top.terminal && (false as boolean))",
    tests: [spared],
  },
  {
    name: "other-session-below",
    find: "    // safety: other-session-below\n    if (markedSessionOf(each, scene) !== null && !about.left.has(each.pid))",
    replace:
      "    if (markedSessionOf(each, scene) !== null && !about.left.has(each.pid) && (false as boolean))",
    tests: [spared],
  },
].map((each): Mutant => ({ file: "src/operations/reap/reason-kept.ts", ...each }))

const inJudge = [
  {
    name: "cut-off",
    find: `  if (ends?.input !== "nobody" || ends.output !== "nobody") return "other" // safety: cut-off\n`,
    replace: `  if (ends === null) return "other"\n`,
    tests: [spared],
  },
  {
    name: "tool-itself",
    find: `  // safety: tool-itself
  if (isToolShell(details)) return ends?.leads === true ? "tool" : "other"`,
    replace: `  if (isToolShell(details)) return ends === null ? "other" : "tool"`,
    tests: [spared],
  },
  {
    name: "at-terminal",
    find: "    return used ? `it is attached to a terminal that may be in use: ${top.terminal}` : null // safety: at-terminal",
    replace: '    return used && (false as boolean) ? "" : null',
    tests: [spared],
  },
  {
    name: "spare-or-session",
    find: `  // safety: spare-or-session
  const known = [top, ...below].some(({ pid }) => workers?.has(pid) ?? true)
`,
    replace:
      "  if (idle || workers !== null || spares.length > 0) return null\n  const known = false as boolean\n",
    tests: [background],
  },
  {
    name: "in-service",
    find: "  if (ports.length > 0) return listens // safety: in-service",
    replace: "  if (ports.length > 0 && (false as boolean)) return listens",
    tests: [spared],
  },
  {
    name: "unknown-holder",
    find: "  // safety: unknown-holder\n  return may === undefined\n",
    replace: "  return (true as boolean) || may === undefined\n",
    tests: [spared],
  },
].map((each): Mutant => ({ file: "src/operations/reap/assess.ts", ...each }))

const inReap = [
  {
    name: "reap-said-no",
    find: `    if (!agreed) return declined("not ended: nobody said yes") // safety: reap-said-no`,
    replace: `    if (!agreed && (false as boolean)) return declined("not ended: nobody said yes")`,
    tests: [meanwhile, reap],
  },
  {
    name: "reap-look-again",
    find: "each.reason = reasonNoLongerLeft(each.leftover, before) // safety: reap-look-again",
    replace: "each.reason = reasonNoLongerLeft(each.leftover, before) && null",
    tests: [meanwhile],
  },
  {
    name: "reap-not-needed",
    find: "    if (why !== null) continue // safety: reap-not-needed\n",
    replace: "",
    tests: [meanwhile],
  },
].map((each): Mutant => ({ file: "src/operations/reap/reap.ts", ...each }))

const inChoose = [
  {
    name: "only-certain",
    find: `({ standing }) => standing === "certain") // safety: only-certain`,
    replace: `({ standing }) => standing !== "kept")`,
    tests: [spared],
  },
  {
    name: "reap-kept",
    find: `  // safety: reap-kept\n  if (found?.standing === "kept")`,
    replace: `  if (found?.standing === "kept" && (false as boolean))`,
    tests: [spared],
  },
].map((each): Mutant => ({ file: "src/operations/reap/select-leftovers.ts", ...each }))

const inCommand = [
  {
    name: "reap-ask-first",
    find: "    // safety: reap-ask-first\n    if (chosen.length > 0 && !force && !dryRun && (json || !canPrompt())) {",
    replace:
      "    if (chosen.length > 0 && !force && !dryRun && (json || !canPrompt()) && (false as boolean)) {",
    tests: [reap],
  },
  {
    name: "reap-dry-run",
    find: "      const ended = dryRun\n        ? chosen.map(would) // safety: reap-dry-run",
    replace: "      const ended = dryRun && (false as boolean)\n        ? chosen.map(would)",
    tests: [reap],
  },
].map((each): Mutant => ({ file: "src/commands/rescue/reap.ts", ...each }))

export const reaping: readonly Mutant[] = [
  ...inLeft,
  ...inKept,
  ...inJudge,
  ...inReap,
  ...inChoose,
  ...inCommand,
  {
    name: "living-clients",
    file: "src/operations/reap/process-snapshot.ts",
    find: `  const clients = new Set([...withRole("client"), ...services]) // safety: living-clients`,
    replace: `  const clients = new Set(withRole("client").slice(0, 0))`,
    tests: [spared],
  },
]
