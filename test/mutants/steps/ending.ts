// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are pieces of source
/** Whom a signal may reach, and when. */
import type { Mutant } from "../mutants.ts"

const held = "test/kill/refusing/held.test.ts"
const own = "test/kill/refusing/own-session.test.ts"
const refused = "test/kill/refusing/refused.test.ts"
const meanwhile = "test/kill/between-steps.test.ts"
const receipt = "test/kill/refusing/receipt.test.ts"
const ended = "test/kill/ended.test.ts"
const background = "test/kill/background.test.ts"
const named = "test/kill/refusing/named.test.ts"
const companions = "test/kill/companions.test.ts"
const group = "test/kill/group.test.ts"

const inTerminate = [
  {
    name: "lost-from-sight",
    find: `  // safety: lost-from-sight
  if (footprint === null) return { outcome: "not-covered", reason: "it cannot be found again" }
  const why = reasonNotCovered(receipt, held.identity, footprint)
`,
    replace: "  const why = reasonNotCovered(receipt, held.identity, footprint ?? [])\n",
    tests: [receipt],
  },
  {
    name: "receipt-check",
    find: `  if (why !== null) return { outcome: "not-covered", reason: why } // safety: receipt-check\n`,
    replace: "",
    tests: [receipt],
  },
  {
    name: "called-off",
    find: `  return options.isCancelled() ? { outcome: "called-off" } : null // safety: called-off
`,
    replace: "  return null\n",
    tests: [receipt],
  },
  {
    name: "by-its-service",
    find: "  if (options.stop !== null) return await stopThenWait(held, options.stop, options) // safety: by-its-service\n",
    replace:
      "  if (options.graceMs < 0 && options.stop !== null) return await stopThenWait(held, options.stop, options)\n",
    tests: [background],
  },
  {
    name: "grace",
    find: `  // safety: grace
  const waited = await waitForExit(held, options.graceMs, options.onWait, suspended ? isStopped : null)
`,
    replace: "  const waited = await waitForExit(held, 0, options.onWait, suspended ? isStopped : null)\n",
    tests: [meanwhile, ended],
  },
  {
    name: "stopped-again",
    find: "    return stopped >= looksWhileStopped // safety: stopped-again\n",
    replace: "    return stopped <= looksWhileStopped\n",
    tests: [meanwhile],
  },
].map((each): Mutant => ({ file: "src/rescue/terminate/terminate.ts", ...each }))

const inHeld = [
  {
    name: "identity-pidfd",
    find: "    // safety: identity-pidfd\n    same = readStartMark(`/proc/${pid}`) === startMark",
    replace: "    same = readStartMark(`/proc/${pid}`) !== null || startMark === null",
    tests: [held],
  },
  {
    name: "identity-folder",
    find: "    same = readStartMark(`/proc/self/fd/${fd}`) === identity.startMark // safety: identity-folder",
    replace: "    same = true",
    tests: [held],
  },
  {
    name: "identity-looking",
    find: `  // safety: identity-looking
  return (await isStill()) ? signalByNumber(identity, isStill, isItself) : null
`,
    replace: "  return signalByNumber(identity, isStill, isItself)\n",
    tests: [held],
  },
  {
    name: "identity-at-signal",
    find: `      if (!(await isItself())) return (await isStill()) ? "denied" : "gone" // safety: identity-at-signal\n`,
    replace: "",
    tests: [held],
  },
  {
    name: "ended-no-signal",
    find: `      if (calls.hasExited(fd)) return "gone" // safety: ended-no-signal
`,
    replace: "",
    tests: [held],
  },
  {
    name: "own-numbers",
    find: `  if (readlinkSync("/proc/self") === String(process.pid)) return // safety: own-numbers`,
    replace: `  if (readlinkSync("/proc/self") !== "") return`,
    tests: [held],
  },
  {
    name: "process-one-held",
    find: "  if (parseEndablePid(pid) !== null) return // safety: process-one-held",
    replace: "  if (parseEndablePid(pid) !== null || pid === 1) return",
    tests: [held],
  },
].map((each): Mutant => ({ file: "src/system/process/process-handle.ts", ...each }))

/** A guard whose condition is never true. */
const guard = (name: string, condition: string, ...tests: string[]): Mutant => ({
  name,
  file: "src/rescue/terminate/kill-policy.ts",
  find: `  // safety: ${name}\n  if (${condition}) {`,
  replace: `  if ((${condition}) && (false as boolean)) {`,
  tests,
})

const inGuards = [
  guard("sees-itself", "!list.some((entry) => entry.pid === asker.pid)", meanwhile, refused),
  guard("process-one", "target.pid === 1", "test/detect/claude-code/pid-domain.test.ts"),
  guard("same-user", "target.uid !== asker.uid", refused),
  guard(
    "ancestor-guard",
    "target.pid === asker.pid || ancestorsOf(asker.pid, list).has(target.pid)",
    meanwhile,
    own,
  ),
  guard("own-terminal", "asker.terminal !== null && target.terminal === asker.terminal", own),
  guard("own-session", "inside !== undefined", own),
]

const inKill = [
  {
    name: "guards",
    find: `    if (refusal !== null) return killReport(session, "refused", refusal) // safety: guards
`,
    replace: "",
    tests: [meanwhile, own],
  },
  {
    name: "known-client",
    find: `  // safety: known-client
  return refusalToKill(target, along, caller, list) ?? (await refuseUnknownProgram(session, target.pid, ctx))
`,
    replace: "  return refusalToKill(target, along, caller, list)\n",
    tests: [meanwhile],
  },
  {
    name: "dry-run",
    find: "    // safety: dry-run\n    if (options.dryRun) return",
    replace: "    if (options.dryRun && (false as boolean)) return",
    tests: [meanwhile, refused],
  },
].map((each): Mutant => ({ file: "src/operations/kill/kill.ts", ...each }))

const inGroup = [
  {
    name: "group-said-no",
    find: "  // safety: group-said-no\n  if (!agreed) {",
    replace: "  if (!agreed && (false as boolean)) {",
    tests: [group],
  },
  {
    name: "group-named",
    find: `  // safety: group-named
  const confirm = async (question: KillQuestion) => wasNamed(question) || (await options.confirm(question))
`,
    replace:
      "  const confirm = async (question: KillQuestion) => wasNamed(question) || question.exports.length > 0\n",
    tests: [group],
  },
].map((each): Mutant => ({ file: "src/operations/kill/kill-group.ts", ...each }))

const inKillHeld = [
  {
    name: "still-chosen",
    find: '    if (changed !== null) return killReport(session, "refused", { ...changed, exports }) // safety: still-chosen\n',
    replace: "",
    tests: [group],
  },
  {
    name: "companions-saved",
    find: "    const all = [session, ...snapshot.companions] // safety: companions-saved",
    replace: "    const all = [session]",
    tests: [companions],
  },
  {
    name: "named-first",
    find: "    const hasNewProcess = all.some(({ process }) => !agreed.has(process.pid)) // safety: named-first",
    replace: "    const hasNewProcess = agreed.size === 0",
    tests: [companions],
  },
  {
    name: "missing-named",
    find: "    const hasMoreMissing = missingPaths.some((path) => !givenUp.has(path)) // safety: missing-named",
    replace: "    const hasMoreMissing = missingPaths.length > 99",
    tests: ["test/kill/refusing/incomplete.test.ts"],
  },
  {
    name: "saved-first",
    find: "    if (doubt !== null) return killReport(session, doubt.outcome, { ...doubt.why, exports }) // safety: saved-first\n",
    replace: "",
    tests: ["test/kill/refusing/export-fails.test.ts"],
  },
  {
    name: "said-no",
    find: `    if (!confirmed) return killReport(session, "declined", { reason: "not ended: nobody said yes", exports }) // safety: said-no
`,
    replace: "",
    tests: [meanwhile],
  },
].map((each): Mutant => ({ file: "src/operations/kill/save-then-terminate.ts", ...each }))

export const ending: readonly Mutant[] = [
  ...inTerminate,
  ...inHeld,
  ...inGuards,
  ...inKill,
  ...inGroup,
  ...inKillHeld,
  {
    name: "companions",
    file: "src/operations/kill/refresh.ts",
    find: "  const companions = await findCompanions({ ...found, process: found.process }, all, looking) // safety: companions",
    replace: "  const companions: Awaited<ReturnType<typeof findCompanions>> = []",
    tests: [companions],
  },
  {
    name: "same-process",
    file: "src/operations/kill/companions.ts",
    find: "      (below.has(each.process.pid) || (each.process.pid === pid && each.id !== session.id)), // safety: same-process",
    replace: "      below.has(each.process.pid),",
    tests: ["test/detect/codex/running.test.ts"],
  },
  {
    name: "stays-ended",
    file: "src/operations/kill/after-kill.ts",
    find: "  const mayReturn = exited && stopService !== null // safety: stays-ended",
    replace: "  const mayReturn = exited && stopService !== null && (false as boolean)",
    tests: [background],
  },
  {
    name: "asked-again",
    file: "src/operations/kill/service-stop.ts",
    find: "      await stopService() // safety: asked-again\n",
    replace: "",
    tests: [background],
  },
  {
    name: "no-helper",
    file: "src/operations/kill/select-live.ts",
    find: "  refuseAuxiliaryProcess(name, helpers) // safety: no-helper\n",
    replace: "  if (helpers.size < 0) refuseAuxiliaryProcess(name, helpers)\n",
    tests: [background],
  },
  {
    name: "unreadable-home",
    file: "src/operations/kill/refresh.ts",
    find: "  if (now.footprint.length === 0 && troubles[0] !== undefined) throw troubles[0] // safety: unreadable-home\n",
    replace: "",
    tests: [meanwhile, ended],
  },
  {
    name: "saved-last",
    file: "src/operations/kill/after-kill.ts",
    find: `  // safety: saved-last
  const { results, failure } = await saveFinalWrites(
    all,
    knownIdentities,
    uninterrupted,
    options.exporting,
    exports,
  )
`,
    replace: `  const { results, failure }: Omit<Awaited<ReturnType<typeof saveFinalWrites>>, "interrupted"> =
    knownIdentities !== null && uninterrupted !== ctx ? { results: [], failure: null } : await saveFinalWrites(all, knownIdentities, ctx, options.exporting)
`,
    tests: [meanwhile],
  },
  {
    name: "last-home",
    file: "src/operations/kill/after-kill.ts",
    find: "    const homes = [...ctx.homes, ...itsHomes] // safety: last-home\n",
    replace: "    const homes = ctx.homes\n",
    tests: ["test/kill/other-home.test.ts"],
  },
  {
    name: "own-foreground",
    file: "src/operations/kill/after-kill.ts",
    find: `  return foreground && resetTerminal(terminal) ? "reset" : "manual" // safety: own-foreground`,
    replace: `  return (foreground || !foreground) && resetTerminal(terminal) ? "reset" : "manual"`,
    tests: ["test/kill/terminal.test.ts"],
  },
  {
    name: "own-children",
    file: "src/operations/kill/descendants.ts",
    find: `    // safety: own-children
    const foreign = entry.uid === ctx.self.uid ? {} : { kept: "another user's" }`,
    replace: "    const foreign: { kept?: string } = {}",
    tests: [ended],
  },
  {
    name: "gone-transcript",
    file: "plugins/detect/claude-code/sessions/examine.ts",
    find: "  const gone = goneTranscript(found, ctx) // safety: gone-transcript\n",
    replace: "  const gone = goneTranscript({ ...found, process: null }, ctx)\n",
    tests: ["test/kill/refusing/incomplete.test.ts"],
  },
  {
    name: "saved-children",
    file: "src/operations/kill/descendants.ts",
    find: "    const kept = theirs.has(entry.pid) ? { kept: theirOwn } : foreign // safety: saved-children",
    replace: '    const kept = theirOwn.startsWith("-") ? { kept: theirOwn } : foreign',
    tests: ["test/kill/tree.test.ts"],
  },
  {
    name: "one-process",
    file: "src/operations/kill/select-live.ts",
    find: '  if (live.length > 1) throw await ambiguousSession(name, live, "kill", ctx) // safety: one-process\n',
    replace: "",
    tests: [refused],
  },
  {
    name: "pid-or-terminal",
    file: "src/operations/kill/select-live.ts",
    find: "  if (first !== undefined) await refuseAmbiguousNumber(name, first, ctx) // safety: pid-or-terminal\n",
    replace: '  if (first !== undefined && name === "") await refuseAmbiguousNumber(name, first, ctx)\n',
    tests: [named],
  },
  {
    name: "one-called",
    file: "src/pipeline/naming/match-live.ts",
    find: '  if (matches.length > 1) throw await ambiguousSession(name, sessions, "kill", ctx) // safety: one-called\n',
    replace: '  if (matches.length < 1) throw await ambiguousSession(name, sessions, "kill", ctx)\n',
    tests: [named],
  },
  {
    name: "no-guess",
    file: "src/commands/rescue/kill.ts",
    find: "    if (force) for (const { process, takenFor } of found) refusePartialName(takenFor, process.pid) // safety: no-guess\n",
    replace: "    if (caller === null) refusePartialName(undefined, 0)\n",
    tests: [named],
  },
  {
    name: "pid-one",
    file: "src/operations/kill/select-live.ts",
    find: "  // safety: pid-one\n  if (pid <= 1)\n",
    replace: "  if (pid <= 1 && (false as boolean))\n",
    tests: [refused],
  },
  {
    name: "ask-first",
    file: "src/commands/rescue/kill.ts",
    find: "    // safety: ask-first\n    if (!force && !dryRun && (json || !canPrompt())) {",
    replace: "    if (!force && !dryRun && (json || !canPrompt()) && (false as boolean)) {",
    tests: [refused],
  },
  {
    name: "stderr-gone",
    file: "src/system/runtime/signals.ts",
    find: '  process.stderr.on("error", () => {}) // safety: stderr-gone\n',
    replace: "",
    tests: ["test/commands/command-line.test.ts"],
  },
]
