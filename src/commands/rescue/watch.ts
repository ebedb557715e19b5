import { parseDuration } from "../../domain/duration.ts"
import { type ExitCode, exitCodes, RescueError } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import { parseThresholds } from "../../domain/watch/sight.ts"
import { unprocessedBytes } from "../../operations/auto-save/room.ts"
import { watchOnce } from "../../operations/watch/once.ts"
import { alreadyWatched, lockWatch, openWatch, ownRunner, watchHolder } from "../../operations/watch/open.ts"
import { readWatchState, runningWatcher } from "../../operations/watch/state.ts"
import { Watcher } from "../../operations/watch/watcher.ts"
import { readConfig } from "../../system/config/config.ts"
import { systemPaths } from "../../system/config/paths.ts"
import { systemFiles } from "../../system/fs/files.ts"
import { exitCodeWhenStopped } from "../../system/runtime/signals.ts"
import { writeStdout } from "../../system/terminal/stdout.ts"
import { showWarnings } from "../../view/terminal/error.ts"
import { systemOutput } from "../../view/terminal/output.ts"
import { showWatchEvent, showWatchStart } from "../../view/watch/watch-lines.ts"
import { showWatchStatus, watchDocument } from "../../view/watch/watch-status.ts"
import { command, dataFlag, jsonFlag, type Parsed } from "../framework/command.ts"
import { stringFlag } from "../framework/environment.ts"

export default command(
  "watch",
  "Save sessions by itself: context nearly full, crashed, hung, about to be deleted",
  {
    once: { type: "boolean", description: "Look once, save and tell what is needed, and end (for cron)" },
    status: {
      type: "boolean",
      description: "Show what the watcher sees and did; exit 3 if it is not running",
    },
    at: {
      type: "string",
      valueHint: "PERCENT",
      description: "Save at these shares of the context (75%,90%)",
    },
    "hung-after": {
      type: "string",
      valueHint: "TIME",
      description: "Silence after which a session counts as hung (10m)",
    },
    ...jsonFlag,
    ...dataFlag,
  },
  [
    "session-rescue watch",
    "session-rescue watch --once",
    "session-rescue watch --status",
    "session-rescue watch --at 60%,80%,90% --hung-after 20m",
  ],
  async (parsed, signal) => {
    const run = openRun(parsed)
    if (parsed.flags.has("status")) return showStatus(run)
    if (run.json) throw wrongUsage("--json belongs to --status", "ask: session-rescue watch --status --json")
    showWarnings(run.warnings, run.out)
    return parsed.flags.has("once") ? lookOnce(run) : watch(run, signal)
  },
)

type Run = ReturnType<typeof openRun>

/** Less than what other commands open: this process stays for weeks. */
function openRun(parsed: Parsed) {
  const warnings: string[] = []
  const config = readConfig((message) => warnings.push(message))
  const paths = systemPaths(stringFlag(parsed, "data-dir"), config.dataFolder)
  const json = parsed.flags.has("json")
  const [typedAt, hungAfter] = [stringFlag(parsed, "at"), stringFlag(parsed, "hung-after")]
  const at = typedAt === null ? null : parseThresholds(typedAt)
  if (typedAt !== null && at === null)
    throw wrongUsage(`invalid value for --at: "${typedAt}"`, "use shares such as 75%,90%")
  if (hungAfter !== null && parseDuration(hungAfter) === null)
    throw wrongUsage(
      `invalid duration for --hung-after: "${hungAfter}"`,
      "use a value such as 90s, 10m or 2h",
    )
  const both = parsed.flags.has("once") && parsed.flags.has("status")
  if (both) throw wrongUsage("--once and --status cannot be combined", "use one of the two")
  const out = systemOutput({ json, put: writeStdout })
  return { warnings, config, paths, json, at, hungAfter, out }
}

function wrongUsage(message: string, hint: string): RescueError {
  return new RescueError("USAGE", message, hint)
}

async function showStatus({ paths, config, out, json, warnings }: Run): Promise<ExitCode> {
  const state = readWatchState(
    paths,
    systemFiles(() => {}),
  )
  const runner = await runningWatcher(state)
  const room = { unprocessedBytes: unprocessedBytes(paths), maxBytes: config.watch.maxBytes }
  const view = { state, runner, version, now: Date.now(), ...room }
  if (json) out.print(JSON.stringify(watchDocument(view, warnings), null, 2))
  else {
    showWarnings(warnings, out)
    showWatchStatus(view, out)
  }
  return runner === null ? exitCodes.notFound : exitCodes.done
}

/** Silent where another one looks, or nothing was done: cron sends what is printed as mail. */
async function lookOnce({ paths, config, at, hungAfter, out }: Run): Promise<ExitCode> {
  const lock = await lockWatch(paths)
  if (lock === null) return exitCodes.done
  try {
    const onEvent = (event: Parameters<typeof showWatchEvent>[0]) => showWatchEvent(event, Date.now(), out)
    const isWhole = await watchOnce(
      await openWatch({ paths, config, at, hungAfter, onTerminal: false, onEvent }),
    )
    return isWhole ? exitCodes.done : exitCodes.failed
  } finally {
    lock.release()
  }
}

async function watch({ paths, config, at, hungAfter, out }: Run, signal: AbortSignal): Promise<ExitCode> {
  const lock = await lockWatch(paths)
  if (lock === null) throw alreadyWatched(await watchHolder(paths))
  try {
    const facts = await openWatch({
      ...{ paths, config, at, hungAfter, onTerminal: process.stdout.isTTY === true },
      onEvent: (event) => {
        if (event.kind === "seen" && !process.stdout.isTTY) return // a service's log has what was done
        showWatchEvent(event, Date.now(), out)
        if (event.kind === "told" && process.stdout.isTTY) writeStdout("\u0007")
      },
    })
    if (process.stdout.isTTY) showWatchStart(at ?? config.watch.at, out)
    facts.watching.runs(await ownRunner(version, Date.now()))
    const how = await new Watcher(facts).run(signal)
    if (how === "stopped") return exitCodeWhenStopped()
    out.note("session-rescue was updated or removed: this watcher ends; start it again")
    return exitCodes.done
  } finally {
    lock.release()
  }
}
