import { parseDuration } from "../domain/duration.ts"
import { RescueError } from "../domain/errors.ts"
import { version } from "../domain/version.ts"
import { describeCaller } from "../operations/kill/caller.ts"
import { killAll } from "../operations/kill/kill.ts"
import type { KillReport } from "../operations/kill/report.ts"
import type { KillOptions } from "../operations/kill/save-then-terminate.ts"
import { type LiveTarget, selectLiveSessions } from "../operations/kill/select-live.ts"
import { detectAll } from "../pipeline/detect.ts"
import { refusePartialName } from "../pipeline/naming/match-live.ts"
import { processAfterActs } from "../pipeline/queue/after-export.ts"
import { allowImmediateExit, forbidImmediateExit } from "../system/runtime/signals.ts"
import { canPrompt } from "../system/terminal/screen.ts"
import { askToKill, killCountdown, showKill } from "../view/kill/kill.ts"
import { killDocument } from "../view/kill/kill-json.ts"
import { showWarnings } from "../view/terminal/error.ts"
import { showProgress } from "../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, pluginsFlag, runningSession, worst } from "./framework/command.ts"
import { type Environment, openEnvironment, stringFlag } from "./framework/environment.ts"
import { systemPrompts } from "./framework/prompts.ts"

export default command(
  "kill",
  "Save a session, ask, then end its client with TERM and, if needed, KILL",
  {
    session: runningSession,
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
    ...jsonFlag,
    ...dataFlag,
    ...pluginsFlag,
  },
  [
    "session-rescue kill pts/3",
    "session-rescue kill 01e5af14 --dry-run",
    "session-rescue kill 3354 --force --json",
  ],
  async (parsed, signal) => {
    if (parsed.names.length === 0) {
      throw new RescueError(
        "USAGE",
        "no session given to kill",
        "give a terminal, pid or id; list them: session-rescue --status",
      )
    }
    const environment = await openEnvironment(parsed, signal, []) // only what we know ourselves is ended
    const { ctx, out, json, warnings, paths, helpers } = environment
    const [force, tree, dryRun] = ["force", "tree", "dry-run"].map((flag) =>
      parsed.flags.has(flag),
    ) as Switches
    const facts = { home: paths.home, graceMs: parseGrace(stringFlag(parsed, "grace") ?? "10s"), tree, force }
    const caller = await describeCaller(ctx)
    const found = await selectLiveSessions(parsed.names, await detectAll(ctx, null), ctx, caller, helpers)
    // safety: ask-first
    if (!force && !dryRun && (json || !canPrompt())) {
      throw new RescueError(
        "REFUSED",
        "cannot ask for confirmation (no terminal); nothing was ended",
        "add --force to end it without a question",
      )
    }
    if (force) for (const { process, takenFor } of found) refusePartialName(takenFor, process.pid) // safety: no-guess
    const taken = new Map(found.map(({ process, takenFor }) => [process.pid, takenFor]))
    let left = false // Ctrl-C at the question
    const confirm: KillOptions["confirm"] = async (question) => {
      if (force) return true
      const reply = await askToKill(
        question,
        { ...facts, takenFor: taken.get(question.session.process.pid), now: Date.now() },
        systemPrompts(out, signal),
      )
      left ||= reply === "leave"
      return typeof reply === "object" && reply.answer
    }
    const { reports, interrupted } = await endSessions(found, environment, {
      caller,
      graceMs: facts.graceMs,
      tree,
      dryRun,
      acceptIncomplete: parsed.flags.has("accept-incomplete"),
      confirm,
    })
    if (json) out.print(JSON.stringify(killDocument(reports, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showKill(reports, { ...facts, interrupted }, out)
    }
    const has = (...outcomes: KillReport["outcome"][]) =>
      reports.some(({ outcome }) => outcomes.includes(outcome))
    return worst({
      interrupted: interrupted || left,
      refused: has("refused"),
      failed: has("failed", "still-alive", "restarted"),
    })
  },
)

/** Ends them as `killAll` does, shows how far it is, and runs what follows an export. */
export async function endSessions(
  found: readonly LiveTarget[],
  { ctx, out, paths }: Environment,
  options: Pick<KillOptions, "caller" | "graceMs" | "tree" | "dryRun" | "acceptIncomplete" | "confirm">,
): ReturnType<typeof killAll> {
  const work = { verb: "saving", items: found.length, bytes: null }
  const reporter = showProgress(out, work)
  const countdown = killCountdown(out)
  try {
    const result = await killAll(found, ctx, {
      ...options,
      exporting: { paths, md5: false, version, reporter },
      onTerm: forbidImmediateExit,
      onWait: (left) => countdown.wait(left),
      onEnd: () => countdown.end(),
    })
    if (!result.interrupted && !options.dryRun) await processAfterActs(paths, version, ctx)
    return result
  } finally {
    allowImmediateExit()
  }
}

type Switches = [force: boolean, tree: boolean, dryRun: boolean]

function parseGrace(value: string): number {
  const milliseconds = parseDuration(value)
  if (milliseconds !== null) return milliseconds
  throw new RescueError("USAGE", `invalid duration for --grace: "${value}"`, "use a value such as 10s or 1m")
}
