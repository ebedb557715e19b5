import { KiB, MiB } from "../../domain/bytes.ts"
import { parseHookInput } from "../../domain/client-config/hook-input.ts"
import { isLookingEvent } from "../../domain/client-config/hooks-in-settings.ts"
import { showPath } from "../../domain/disk-path.ts"
import { exitCodes, isRescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { describeOutcome } from "../../domain/watch/notice.ts"
import { type HookReport, saveForHook } from "../../operations/hook/hook.ts"
import { tellForHook } from "../../operations/hook/tell-for-hook.ts"
import { isWatched, lookForHook } from "../../operations/watch/look-for-hook.ts"
import type { WatchEvent } from "../../operations/watch/watcher-facts.ts"
import { processAfterActs } from "../../pipeline/queue/after-export.ts"
import { readConfig } from "../../system/config/config.ts"
import { systemPaths } from "../../system/config/paths.ts"
import { appendLogLine, readTextFile } from "../../system/fs/config-files.ts"
import { readInput, startDetached } from "../../system/process/self-path.ts"
import { interruptSignal } from "../../system/runtime/signals.ts"
import { formatSize } from "../../view/terminal/format.ts"
import { sanitize } from "../../view/terminal/sanitize.ts"
import { type Environment, openEnvironment } from "../framework/environment.ts"

/** The client waits for its hooks: ours answers within 200 ms, whatever the session's size. */
const answerWaitMs = 100
const inputTimeoutMs = 10_000
const maxLogBytes = 256 * KiB
/** How the words for a copy that was not made begin. */
const notSaved = "NOT SAVED"

/**
 * What the client's hooks call (`setup --hooks`); no command for people. It prints nothing and never fails: what it
 * did, or why not, is a line in `hook.log` in the data folder. The saving itself goes on in the background.
 */
export async function hook([event = "", ...rest]: readonly string[]): Promise<never> {
  try {
    if (rest[0] !== "--now") await handOver(event)
    else if (isLookingEvent(event)) await lookNow(event)
    else await saveNow(event)
  } catch (error) {
    logLine(event, `failed: ${error instanceof Error ? error.message : error}`)
  }
  process.exit(exitCodes.done) // also while an input that never ends is still awaited
}

/** What the client says is left for the one in the background to read: under load it comes late. */
async function handOver(event: string): Promise<void> {
  const { data } = hookPaths()
  if (isLookingEvent(event) && (await isWatched({ data }))) return
  await startDetached(["hook", event, "--now"], { env: { SESSION_RESCUE_DATA: data }, waitMs: answerWaitMs })
}

/** Only what was saved, told or failed is a line of the log: most looks find nothing to do. */
async function lookNow(event: string): Promise<void> {
  const config = readConfig(() => {})
  const paths = systemPaths(null, config.dataFolder)
  const onEvent = (done: WatchEvent) => {
    if (done.kind !== "seen") logLine(event, describeEvent(done))
  }
  await lookForHook(event, { paths, config, onEvent })
}

function describeEvent(done: Exclude<WatchEvent, { kind: "seen" }>): string {
  if (done.kind === "trouble") return `failed: ${done.message}`
  if (done.kind === "told") return `told: ${done.telling.text}`
  const { outcome, path, message } = done.result
  return `${describeOutcome({ saved: outcome, message })} · ${done.task.sight.id}${path === null ? "" : ` · ${path}`}`
}

async function saveNow(event: string): Promise<void> {
  const from = performance.now()
  const text = await readInput(inputTimeoutMs, MiB)
  const input = text === null ? null : parseHookInput(text)
  if (input === null) return logLine(event, "failed: the client's input names no session")
  const parsed = { flags: new Map(), names: [] }
  const environment = await openEnvironment(parsed, interruptSignal(), []) // a session of the client that calls
  const { ctx, paths, config } = environment
  const { maxBytes } = config.watch
  const report = await saveForHook(input, event, { ctx, paths, version, maxBytes })
  await processAfterActs(paths, version, ctx)
  const told = await tellOnce(event, report, environment)
  const took = `${Math.round(performance.now() - from)} ms`
  logLine(
    input.reason === "" ? event : `${event} (${input.reason})`,
    `${input.id ?? "no id"} ${describeReport(report)}${told} · ${took}`,
  )
  for (const warning of environment.warnings) logLine(event, `note: ${warning}`)
}

/** A session that was not saved for lack of room is told, once until that changes: the log knows. */
async function tellOnce(
  event: string,
  { session, result }: HookReport,
  { ctx, config }: Environment,
): Promise<string> {
  if (session === null || typeof result !== "string") return ""
  const before = logged().findLast((line) => session.id !== null && line.includes(session.id))
  if (before?.includes(notSaved) === true) return " · told before"
  const onFailure = (message: string) => logLine(event, `failed: ${message}`)
  const by = await tellForHook(event, { session, saved: result }, { ctx, config, onFailure })
  return ` · ${by.length === 0 ? "nothing could show it" : `told: ${by.join(", ")}`}`
}

function describeReport({ session, result, removed, isBesideAnother }: HookReport): string {
  if (isRescueError(result)) return `failed: ${result.code}: ${result.message}; ${result.hint}`
  if (typeof result === "string") {
    const stays = session?.transcript == null ? "" : `; its client keeps it: ${showPath(session.transcript)}`
    return `${describeOutcome({ saved: result, message: null })}${stays}. Next: session-rescue cx, then session-rescue export`
  }
  const older = removed === 0 ? "" : ` · replaces ${removed} older`
  const beside = isBesideAnother ? " · beside another copy that takes long" : ""
  return result.path === null
    ? "nothing on disk yet"
    : `${result.status}${result.missing ? ` (missing ${result.missing[0]?.path}: ${result.missing[0]?.why})` : ""} · ${formatSize(result.bytes)} · ${result.path}${older}${beside}`
}

/** A log that cannot be written must not hurt either. */
function logLine(event: string, text: string): void {
  try {
    appendLogLine(logFile(), sanitize(`${new Date().toISOString()} ${event} ${text}`), maxLogBytes)
  } catch {
    // there is nobody to be told
  }
}

function logged(): readonly string[] {
  return readTextFile(logFile())?.split("\n") ?? []
}

function logFile(): string {
  return `${hookPaths().data}/hook.log`
}

function hookPaths() {
  return systemPaths(null, readConfig(() => {}).dataFolder)
}
