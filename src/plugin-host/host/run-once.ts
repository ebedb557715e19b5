import type { Exported } from "../../domain/export/export.ts"
import { parseEndablePid } from "../../domain/session/pid.ts"
import type { PostProcessPlugin } from "../../sdk/contracts.ts"
import { reasonNotPlain } from "../protocol/answers.ts"
import type { LoadedPlugin } from "../protocol/loaded-plugin.ts"
import type { WorkerFacts } from "../protocol/messages.ts"
import type { PostProcessOutcome, PostProcessRun } from "../protocol/post-process-run.ts"
import { endAtExit } from "../running-workers.ts"
import type { PluginService } from "./worker-channel.ts"
import { type PluginEntry, WorkerPool } from "./worker-pool.ts"

/** Runs a user's post-process plugin on one export, in a worker process of its own. */
export async function runInWorker(
  loaded: LoadedPlugin<PostProcessPlugin>,
  exported: Exported,
  run: PostProcessRun,
): Promise<PostProcessOutcome> {
  const { name } = loaded.plugin
  const { timeoutMs, options } = run
  const entry: PluginEntry = {
    key: `post-process/${name}`,
    name,
    stage: "post-process",
    path: loaded.path ?? "",
    timeoutMs,
    options,
  }
  let why = "interrupted"
  const from = performance.now()
  const onFailure = (_: PluginEntry, reason: string, fix: string | null) => {
    why = fix === null ? reason : `${reason} (${fix})`
  }
  try {
    const pool = endAtExit(new WorkerPool([entry], pathFactsOf(run), { onLoaded: () => null, onFailure }))
    const stop = () => pool.end()
    run.signal.addEventListener("abort", stop, { once: true })
    try {
      if (run.signal.aborted) return { ok: false, why }
      await pool.load()
      let result: unknown = null
      let answered = false
      await pool.ask([entry], {
        method: "run",
        args: [exported],
        context: run,
        service: serveRun(name, run),
        validate(_, value) {
          result = value
          return reasonNotPlain(value)
        },
        onAnswer: () => {
          answered = true
        },
      })
      if (answered) return { ok: true, result }
      return performance.now() - from < timeoutMs ? { ok: false, why } : { ok: false, why, late: true }
    } finally {
      run.signal.removeEventListener("abort", stop)
      pool.end()
    }
  } catch (error) {
    return { ok: false, why: `no process for it could be started: ${(error as Error).message}` }
  }
}

function serveRun(name: string, run: PostProcessRun): PluginService {
  return {
    perform: (method) => Promise.reject(new Error(`there is no ${method}`)),
    notify(_, saying) {
      if (saying.what === "log" || saying.what === "warn") run.warn(`${name}: ${saying.message}`)
      else if (saying.what === "trouble") run.warn(`${name}: ${saying.message}`)
    },
  }
}

/** Only the paths: the plugin sees nothing else of the machine. */
function pathFactsOf({ paths }: PostProcessRun): WorkerFacts {
  const pid = parseEndablePid(process.pid)
  if (pid === null) throw new Error("running as process 1")
  return {
    paths,
    homes: [],
    now: 0,
    hungAfterMs: 0,
    self: { pid, uid: process.getuid?.() ?? -1 },
  }
}
