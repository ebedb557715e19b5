import { classify } from "../pipeline/classify.ts"
import { detectAll } from "../pipeline/detect.ts"
import { type KillReport, killOne, type LiveSession } from "../pipeline/kill.ts"
import { selectLive } from "../pipeline/select-live.ts"
import type { Asker } from "../rescue/guards.ts"
import { parseDuration } from "../session/duration.ts"
import { type ExitCode, exitCodes, RescueError } from "../session/errors.ts"
import { parseSessionId } from "../session/session-id.ts"
import { ignoreInterruptions } from "../system/interruption.ts"
import { version } from "../version.ts"
import { showWarnings } from "../view/error.ts"
import { killDocument, showKill } from "../view/kill.ts"
import { askToEnd, showCountdown } from "../view/kill-question.ts"
import { exportProgress } from "../view/progress.ts"
import { command, dataFlag, jsonFlag } from "./command.ts"
import { type Environment, openEnvironment, text } from "./environment.ts"

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
    const environment = await openEnvironment(parsed, signal)
    const { ctx, out, json, warnings, paths } = environment
    const graceMs = grace(text(parsed, "grace") ?? "10s")
    const dryRun = parsed.flags.has("dry-run")
    const asker = await whoAsks(environment)
    const found = await selectLive(parsed.names, await detectAll(ctx, null), ctx, asker)
    const mayAsk = process.stdin.isTTY === true && process.stdout.isTTY === true && !json && !process.env.CI
    if (!parsed.flags.has("force") && !dryRun && !mayAsk) {
      throw new RescueError(
        "REFUSED",
        "nobody can be asked here, so nothing is ended",
        "add --force to end it without a question",
      )
    }
    const reports: KillReport[] = []
    for (const each of found) {
      const session = (await classify(each, ctx)) as LiveSession
      const watcher = exportProgress(out.lively && !json, found.length)
      const report = await killOne(session, ctx, {
        asker,
        exporting: { paths, md5: false, version, watcher },
        graceMs,
        tree: parsed.flags.has("tree"),
        dryRun,
        confirm: async (...facts) => parsed.flags.has("force") || askToEnd(...facts, paths.home, graceMs),
        onTerm: ignoreInterruptions,
        onWait: (left) => showCountdown(out.lively && !json, left),
      })
      reports.push(report)
    }
    if (json) out.print(JSON.stringify(killDocument(reports, warnings), null, 2))
    else {
      showWarnings(warnings, out)
      showKill(reports, { home: paths.home, graceMs, tree: parsed.flags.has("tree") }, out)
    }
    return exitOf(reports)
  },
)

function grace(value: string): number {
  const milliseconds = parseDuration(value)
  if (milliseconds !== null) return milliseconds
  throw new RescueError("USAGE", `--grace ${value} is no time`, "write it like 10s or 1m")
}

async function whoAsks({ ctx }: Environment): Promise<Asker> {
  const own = (await ctx.processes.list()).find((entry) => entry.pid === ctx.self.pid)
  return {
    pid: ctx.self.pid,
    uid: ctx.self.uid,
    terminal: own?.terminal ?? null,
    insideSession: parseSessionId(ctx.self.environment.CLAUDE_CODE_SESSION_ID),
  }
}

function exitOf(reports: readonly KillReport[]): ExitCode {
  const outcomes = reports.map((report) => report.outcome)
  if (outcomes.includes("refused")) return exitCodes.refused
  return outcomes.includes("failed") || outcomes.includes("still-alive") ? exitCodes.failed : exitCodes.done
}
