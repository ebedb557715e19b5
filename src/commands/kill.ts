import { whoAsks } from "../pipeline/asker.ts"
import { detectAll } from "../pipeline/detect.ts"
import { killAll } from "../pipeline/kill.ts"
import type { KillReport } from "../pipeline/kill-report.ts"
import { selectLive } from "../pipeline/select-live.ts"
import { parseDuration } from "../session/duration.ts"
import { type ExitCode, exitCodes, RescueError } from "../session/errors.ts"
import { neverLeaveAtOnce } from "../system/interruption.ts"
import { version } from "../version.ts"
import { showWarnings } from "../view/error.ts"
import { killDocument, showKill } from "../view/kill.ts"
import { askToEnd, clearCountdown, showCountdown } from "../view/kill-question.ts"
import { exportProgress } from "../view/progress.ts"
import { command, dataFlag, jsonFlag } from "./command.ts"
import { openEnvironment, text } from "./environment.ts"

export default command(
  "kill",
  "Ends a session's client: saves it first, verified, asks, then TERM and, if need be, KILL. Never the session you are in.",
  {
    session: {
      type: "positional",
      required: true,
      description: "Terminals, pids or ids (4 digits are enough)",
    },
    force: { type: "boolean", description: "Do not ask; every safety check stays" },
    grace: {
      type: "string",
      valueHint: "TIME",
      description: "How long it may take to leave by itself (10s)",
    },
    tree: { type: "boolean", description: "End what it has started, too" },
    "dry-run": { type: "boolean", description: "Say what would happen, and do nothing" },
    ...jsonFlag,
    ...dataFlag,
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
        "kill needs a name",
        "name a terminal, pid or id: session-rescue --status",
      )
    }
    const { ctx, out, json, warnings, paths } = await openEnvironment(parsed, signal)
    const [force, tree, dryRun] = ["force", "tree", "dry-run"].map((flag) =>
      parsed.flags.has(flag),
    ) as Switches
    const facts = { home: paths.home, graceMs: grace(text(parsed, "grace") ?? "10s"), tree, force }
    const asker = await whoAsks(ctx)
    const found = await selectLive(parsed.names, await detectAll(ctx, null), ctx, asker)
    const mayAsk = process.stdin.isTTY === true && process.stdout.isTTY === true && !json && !process.env.CI
    // safety: ask-first
    if (!force && !dryRun && !mayAsk) {
      throw new RescueError(
        "REFUSED",
        "nobody can be asked here, so nothing is ended",
        "add --force to end it without a question",
      )
    }
    const lively = out.lively && !json
    const { reports, interrupted } = await killAll(found, ctx, {
      asker,
      exporting: { paths, md5: false, version, watcher: exportProgress(lively, found.length) },
      graceMs: facts.graceMs,
      tree,
      dryRun,
      confirm: async (...about) => force || askToEnd(...about, facts, signal),
      onTerm: neverLeaveAtOnce,
      onWait: (left) => showCountdown(lively, left),
      onEnd: () => clearCountdown(lively),
    })
    if (json) out.print(JSON.stringify(killDocument(reports, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showKill(reports, { ...facts, interrupted }, out)
    }
    return interrupted ? exitCodes.interrupted : exitOf(reports)
  },
)

type Switches = [force: boolean, tree: boolean, dryRun: boolean]

function grace(value: string): number {
  const milliseconds = parseDuration(value)
  if (milliseconds !== null) return milliseconds
  throw new RescueError("USAGE", `--grace ${value} is no time`, "write it like 10s or 1m")
}

function exitOf(reports: readonly KillReport[]): ExitCode {
  const outcomes = reports.map((report) => report.outcome)
  if (outcomes.includes("refused")) return exitCodes.refused
  if (outcomes.includes("failed") || outcomes.includes("still-alive")) return exitCodes.failed
  return outcomes.includes("declined") ? exitCodes.interrupted : exitCodes.done
}
