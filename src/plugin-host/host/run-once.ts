import type { Exported } from "../../domain/export/export.ts"
import { parseEndablePid } from "../../domain/session/pid.ts"
import type { PostProcessPlugin } from "../../sdk/contracts.ts"
import { whyNotPlain } from "../protocol/answers.ts"
import type { LoadedPlugin } from "../protocol/loaded-plugin.ts"
import type { GuestFacts } from "../protocol/messages.ts"
import type { PostProcessOutcome, PostProcessRun } from "../protocol/post-process-run.ts"
import { endsWithUs } from "../running-workers.ts"
import type { Service } from "./worker-channel.ts"
import { Crew, type Member } from "./worker-pool.ts"

/** Runs a user's post-process plugin on one export, in a process that does nothing else. */
export async function runInOwnProcess(
  loaded: LoadedPlugin<PostProcessPlugin>,
  exported: Exported,
  run: PostProcessRun,
): Promise<PostProcessOutcome> {
  const { name } = loaded.plugin
  const { timeoutMs, options } = run
  const member: Member = {
    key: `post-process/${name}`,
    name,
    stage: "post-process",
    path: loaded.path ?? "",
    timeoutMs,
    options,
  }
  let why = "interrupted"
  const from = performance.now()
  const fails = (_: Member, reason: string, mend: string | null) => {
    why = mend === null ? reason : `${reason} (${mend})`
  }
  try {
    const crew = endsWithUs(new Crew([member], factsFor(run), { loaded: () => null, fails }))
    const stop = () => crew.end()
    run.signal.addEventListener("abort", stop, { once: true })
    try {
      if (run.signal.aborted) return { ok: false, why }
      await crew.load()
      let result: unknown = null
      let answered = false
      await crew.ask([member], {
        method: "run",
        args: [exported],
        context: run,
        service: hearing(name, run),
        judge(_, value) {
          result = value
          return whyNotPlain(value)
        },
        done: () => {
          answered = true
        },
      })
      if (answered) return { ok: true, result }
      return performance.now() - from < timeoutMs ? { ok: false, why } : { ok: false, why, late: true }
    } finally {
      run.signal.removeEventListener("abort", stop)
      crew.end()
    }
  } catch (error) {
    return { ok: false, why: `no process for it could be started: ${(error as Error).message}` }
  }
}

function hearing(name: string, run: PostProcessRun): Service {
  return {
    perform: (method) => Promise.reject(new Error(`there is no ${method}`)),
    hear(_, saying) {
      if (saying.what === "log" || saying.what === "warn") run.warn(`${name}: ${saying.message}`)
      else if (saying.what === "trouble") run.warn(`${name}: ${saying.message}`)
    },
  }
}

/** Of the machine it sees the paths and nothing else. */
function factsFor({ paths }: PostProcessRun): GuestFacts {
  const pid = parseEndablePid(process.pid)
  if (pid === null) throw new Error("running as process 1")
  return {
    paths,
    pending: "",
    archive: "",
    homes: [],
    now: 0,
    hungAfterMs: 0,
    self: { pid, uid: process.getuid?.() ?? -1 },
  }
}
