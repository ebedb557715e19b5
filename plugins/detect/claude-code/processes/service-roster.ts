import {
  type Context,
  type ProcessEntry,
  parsePid,
  parseUuid,
  remembered,
  type SessionId,
} from "session-rescue"
import { type JobState, readJobState } from "../home/job-state.ts"
import { numberIn, objectOf, readJson, textIn } from "../home/json.ts"

/** The background service's records of itself and its sessions in a home (2.1.197 to 2.1.332, observed). */
export interface ServiceState {
  /** The service's process, when it is alive. */
  readonly service: ProcessEntry | null
  readonly workers: readonly ServiceWorker[]
}

/** One of `workers` in daemon/roster.json. */
export interface ServiceWorker {
  /** The service's name for the session: the first eight digits of its initial id. */
  readonly name: string
  readonly id: SessionId
  /** The process that provides its terminal, when it is alive. */
  readonly host: ProcessEntry | null
  /** The session's own process, when it is alive; 2.1.197 does not name it. */
  readonly session: ProcessEntry | null
}

const noService: ServiceState = { service: null, workers: [] }

export function readServiceState(
  ctx: Context,
  home: string,
  processes: ReadonlyMap<number, ProcessEntry>,
): ServiceState {
  const roster = readJson(ctx, `${home}/daemon/roster.json`)
  const lock = readJson(ctx, `${home}/daemon.lock`)
  if (roster === null && lock === null) return noService
  const alive = (pid: unknown, procStart: unknown) => sameProcess(processes, pid, procStart)
  const workers = Object.entries(objectOf(roster?.workers) ?? {}).flatMap(([name, value]) => {
    const worker = objectOf(value)
    const id = parseUuid(textIn(worker?.sessionId))
    if (worker === null || id === null || !isJobName(name)) return []
    const host = alive(worker.pid, worker.procStart)
    return [{ name, id, host, session: alive(worker.replPid, worker.replProcStart) }]
  })
  return { service: lock === null ? null : alive(lock.pid, lock.procStart), workers }
}

/** A name that is safe in a path and on a command line. */
export function isJobName(name: unknown): name is string {
  return typeof name === "string" && /^[0-9a-zA-Z][0-9a-zA-Z_-]{0,63}$/.test(name)
}

/** The process that a client file names by pid and start; null when it is gone. */
function sameProcess(
  processes: ReadonlyMap<number, ProcessEntry>,
  pid: unknown,
  procStart: unknown,
): ProcessEntry | null {
  const number = numberIn(pid)
  const known = number === null ? null : parsePid(number)
  const entry = known === null ? undefined : processes.get(known)
  if (entry === undefined) return null
  // except on Linux, the client writes no start that can be compared
  if (process.platform !== "linux" || typeof procStart !== "string") return entry
  return procStart === entry.startMark ? entry : null
}

const jobsKey = Symbol("jobs, by home")

/** All jobs of a home; read once per run. */
export function jobStates(ctx: Context, home: string): readonly JobState[] {
  const homes = remembered(ctx, jobsKey, () => new Map<string, readonly JobState[]>())
  const jobs = homes.get(home) ?? readStates(ctx, home)
  homes.set(home, jobs)
  return jobs
}

function readStates(ctx: Context, home: string): readonly JobState[] {
  return ctx.files
    .names(`${home}/jobs`)
    .flatMap((name) => (isJobName(name) ? (readJobState(ctx, home, name) ?? []) : []))
}
