import { parseDuration } from "../../domain/duration.ts"
import { exitCodes, RescueError } from "../../domain/errors.ts"
import { describeCaller } from "../../operations/kill/caller.ts"
import { type GroupFilter, reasonNotInGroup, selectGroup } from "../../operations/kill/group-filter.ts"
import type { GroupOptions } from "../../operations/kill/kill-group.ts"
import type { KillReport } from "../../operations/kill/report.ts"
import type { KillOptions } from "../../operations/kill/save-then-terminate.ts"
import { isLive, type LiveTarget, selectLiveSessions } from "../../operations/kill/select-live.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { refusePartialName } from "../../pipeline/naming/match-live.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { canPrompt } from "../../system/terminal/screen.ts"
import { showNoneToKill } from "../../view/kill/group-question.ts"
import { showKill } from "../../view/kill/kill.ts"
import { killDocument } from "../../view/kill/kill-json.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { askOnTerminal, endSessions } from "../framework/acts.ts"
import {
  command,
  dataFlag,
  jsonFlag,
  pluginsFlag,
  runningSession,
  verboseFlag,
  worst,
} from "../framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "../framework/environment.ts"
import { choosesGroup, groupFlags, parseGroup } from "../framework/group-flags.ts"
import { reportExcluded } from "../framework/narrow-found.ts"

export default command(
  "kill",
  "Save a session, ask, then end its client with TERM and, if needed, KILL",
  {
    session: runningSession,
    ...groupFlags,
    force: { type: "boolean", description: "Do not ask; all safety checks still apply" },
    grace: {
      type: "string",
      valueHint: "TIME",
      description: "Time to exit after TERM before KILL is sent (10s)",
    },
    tree: { type: "boolean", description: "Also end the processes it started" },
    "accept-incomplete": {
      type: "boolean",
      description: "End it even if some of its files cannot be read and saved",
    },
    "dry-run": { type: "boolean", description: "Show what would happen, and do nothing" },
    ...verboseFlag,
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue kill pts/3",
    "session-rescue kill 01e5af14 --dry-run",
    "session-rescue kill --state hung",
    "session-rescue kill --no-terminal --idle 1d --dry-run",
    "session-rescue kill 3354 --force --json",
  ],
  async (parsed, signal) => {
    if (parsed.names.length === 0 && !choosesGroup(parsed)) {
      throw new RescueError(
        "USAGE",
        "no session given to kill",
        "give a terminal, pid or id, or --state hung; list them: session-rescue --status",
      )
    }
    const environment = await openEnvironment(parsed, signal, []) // only what we know ourselves is ended
    const { ctx, out, json, warnings, paths } = environment
    const [force, tree, dryRun] = ["force", "tree", "dry-run"].map((flag) =>
      parsed.flags.has(flag),
    ) as Switches
    const facts = { home: paths.home, graceMs: parseGrace(stringFlag(parsed, "grace") ?? "10s"), tree, force }
    const caller = await describeCaller(ctx)
    const group = parseGroup(parsed, ctx)
    const { found, running } = await chooseTargets(parsed.names, group, caller, environment)
    if (found.length === 0 && group !== null) {
      if (json) out.print(JSON.stringify(killDocument([], warnings), null, 2))
      else showNoneToKill(group.typed, running, out)
      return exitCodes.done
    }
    // safety: ask-first
    if (!force && !dryRun && (json || !canPrompt())) {
      throw new RescueError(
        "REFUSED",
        "cannot ask for confirmation (no terminal); nothing was ended",
        "add --force to end it without a question",
      )
    }
    if (force) for (const { process, takenFor } of found) refusePartialName(takenFor, process.pid) // safety: no-guess
    const ask = askOnTerminal(found, facts, environment)
    const { reports, interrupted } = await endSessions(found, environment, {
      caller,
      graceMs: facts.graceMs,
      tree,
      dryRun,
      acceptIncomplete: parsed.flags.has("accept-incomplete"),
      confirm: async (question) => force || (await ask.one(question)),
      ...(group === null ? {} : groupOptions(group, force ? null : ask.all, ctx)),
    })
    if (json) out.print(JSON.stringify(killDocument(reports, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showKill(reports, { ...facts, interrupted, verbose: parsed.flags.has("verbose") }, out)
    }
    const has = (...outcomes: KillReport["outcome"][]) =>
      reports.some(({ outcome }) => outcomes.includes(outcome))
    return worst({
      interrupted: interrupted || ask.hasLeft(),
      refused: has("refused"),
      failed: has("failed", "still-alive", "restarted"),
    })
  },
)

/** The running sessions that were named, or all; of them, with a group, the ones that match. */
async function chooseTargets(
  names: readonly string[],
  group: GroupFilter | null,
  caller: KillOptions["caller"],
  { ctx, helpers }: Environment,
): Promise<{ readonly found: readonly LiveTarget[]; readonly running: number }> {
  const all = await detectAll(ctx, group?.narrowing.agent ?? null)
  const live =
    names.length > 0 ? await selectLiveSessions(names, all, ctx, caller, helpers) : all.filter(isLive)
  if (group === null) return { found: live, running: live.length }
  const found = await selectGroup(live, group, ctx)
  const excluded = live.length - found.length
  if (names.length > 0) reportExcluded({ named: live.length, excluded, what: "session" }, group, ctx)
  return { found, running: live.length }
}

function groupOptions(
  group: GroupFilter,
  confirmAll: GroupOptions["confirmAll"],
  ctx: RunContext,
): Pick<GroupOptions, "confirmAll" | "reasonNotChosen"> {
  return { confirmAll, reasonNotChosen: (session) => reasonNotInGroup(session, group, ctx) }
}

type Switches = [force: boolean, tree: boolean, dryRun: boolean]

function parseGrace(value: string): number {
  const milliseconds = parseDuration(value)
  if (milliseconds !== null) return milliseconds
  throw new RescueError("USAGE", `invalid duration for --grace: "${value}"`, "use a value such as 10s or 1m")
}
