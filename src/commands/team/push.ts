import { type ExitCode, exitCodes } from "../../domain/errors.ts"
import { type PushReport, pushAll } from "../../operations/team/push.ts"
import { pushOnChange } from "../../operations/team/push-watch.ts"
import { openRemote } from "../../operations/team/remote.ts"
import { exportFoldersAmong } from "../../system/config/paths.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { exitCodeWhenStopped } from "../../system/runtime/signals.ts"
import { pushDocument, showPush } from "../../view/team/push.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { showProgress } from "../../view/terminal/progress.ts"
import { command, dataFlag, jsonFlag, type Parsed, pluginsFlag, worst } from "../framework/command.ts"
import { openEnvironment } from "../framework/environment.ts"
import { usageError } from "../framework/flag-values.ts"
import { agreeToSend } from "./agree.ts"

export default command(
  "push",
  "Send archived exports of your team's projects to its archive, proved there",
  {
    "dry-run": { type: "boolean", description: "Show what would be sent, and send nothing" },
    watch: { type: "boolean", description: "Stay, and send whatever is archived from now on, too" },
    yes: { type: "boolean", description: "Agree to the place and the projects without being asked" },
    ...pluginsFlag,
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue push --dry-run",
    "session-rescue push",
    "session-rescue push --watch",
    "session-rescue push --yes --json",
  ],
  async (parsed, signal) => {
    if (parsed.flags.has("watch")) return watch(parsed, signal)
    const report = await pushOnce(parsed, signal, { yes: parsed.flags.has("yes"), isTold: () => true })
    return report === null ? exitCodes.done : exitCodeOf(report)
  },
)

/** null: the answer was No. `isTold`: whether there is anything to say about it. */
async function pushOnce(
  parsed: Parsed,
  signal: AbortSignal,
  { yes, isTold }: { readonly yes: boolean; readonly isTold: (report: PushReport) => boolean },
): Promise<PushReport | null> {
  const environment = await openEnvironment(parsed, signal, [])
  const { ctx, out, json, warnings, paths, config } = environment
  const dryRun = parsed.flags.has("dry-run")
  const remote = await openRemote(config.team, ctx.plugins, ctx)
  if (!dryRun && !(await agreeToSend(environment, yes))) return null
  const reporter = showProgress(out, { verb: "pushing", items: 0, bytes: null })
  const report = await pushAll(remote, { paths, signal, reporter, warn: ctx.warn, dryRun })
  if (!isTold(report)) return report
  const indent = parsed.flags.has("watch") ? 0 : 2
  if (json) out.print(JSON.stringify(pushDocument(report, dryRun, warnings), null, indent))
  else {
    showWarnings(warnings, out)
    showPush(report, out)
  }
  return report
}

/** Every round reads the config again: what was taken out of it no longer leaves. */
async function watch(parsed: Parsed, signal: AbortSignal): Promise<ExitCode> {
  if (parsed.flags.has("dry-run"))
    throw usageError("--dry-run and --watch cannot be combined", "leave out one of them")
  const { paths, out, json } = await openEnvironment(parsed, signal, [])
  let yes = parsed.flags.has("yes")
  let last: string | null = null
  const isTold = (report: PushReport) => {
    const said = outcomeOf(report)
    const isNew = said !== last
    last = said
    return isNew || report.exports.some(({ status }) => status === "pushed")
  }
  const push = async () => {
    const report = await pushOnce(parsed, signal, { yes, isTold })
    yes = false // what is configured later is agreed to by a person
    return report
  }
  if (!json) out.note("Pushes whatever is archived, until Ctrl-C")
  const folders = () =>
    exportFoldersAmong(listDirOrEmpty(paths.data), paths.data).map(({ archive }) => archive)
  const report = await pushOnChange(push, { folders, signal })
  if (report === null) return exitCodes.done
  return signal.aborted ? exitCodeWhenStopped() : exitCodeOf(report)
}

/** Two rounds in which nothing else was said are told once. */
function outcomeOf({ exports, stopped }: PushReport): string {
  const others = exports.filter(({ status }) => status !== "pushed" && status !== "there")
  return JSON.stringify([stopped?.message, others.map(({ candidate, status }) => [candidate.name, status])])
}

function exitCodeOf({ exports, stopped, interrupted }: PushReport): ExitCode {
  const among = (...states: string[]) => exports.some(({ status }) => states.includes(status))
  return worst({
    interrupted,
    refused: among("refused", "conflict") || stopped?.code === "STORE_REFUSED",
    failed: among("failed", "later") || stopped !== null,
  })
}
