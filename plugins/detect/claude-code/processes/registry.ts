import {
  type Context,
  joinPath,
  type Pid,
  type ProcessEntry,
  parsePid,
  parseUuid,
  type SessionId,
} from "session-rescue"
import { type JsonObject, numberIn, readJson, textIn } from "../home/json.ts"
import { statuses, unknownValues } from "./known-values.ts"
import { processElsewhere, writtenHere } from "./pid-domain.ts"

/** One `sessions/PID.json` of a client home (Claude Code 2.1; 1.x and 2.0 have none). */
export interface RegistryEntry {
  /** The pid of its process in our namespace, which differs from the one in a container. */
  readonly pid: Pid
  /** File name relative to the home. */
  readonly file: string
  readonly id: SessionId
  readonly cwd: string | null
  readonly version: string | null
  /** `interactive`, `bg`, `daemon`, `daemon-worker`, or an unknown value. */
  readonly kind: string | null
  /** The background service's name for the session. */
  readonly jobId: string | null
  /** The session's name, chosen by the client or the user: `proj1-2e`. */
  readonly name: string | null
  /** The tmux pane it reports: `NAME:@WIN.%PANE` (from 2.1.332 on). */
  readonly tmux: string | null
  /** Started by a program, not by a user: `claude -p` and the SDK. */
  readonly headless: boolean
  readonly status: "idle" | "busy" | "waiting" | "shell" | null
  readonly waitingFor: string | null
  readonly statusSince: number | null
  /** Values that this version does not know, one sentence each. */
  readonly unknown: readonly string[]
  /** The named process is the one that wrote the file. */
  readonly live: boolean
  /** Why the entry is not live. */
  readonly why: string
  readonly foreign: boolean
}

export function readRegistry(
  ctx: Context,
  home: string,
  processes: ReadonlyMap<number, ProcessEntry>,
): readonly RegistryEntry[] {
  const folder = `${home}/sessions`
  const bootAt = bootTime(processes.get(ctx.self.pid))
  return ctx.files.names(folder).flatMap((name) => {
    // older versions left files named pid-N.json, all stale: public issue threads
    const pid = typeof name === "string" && name.endsWith(".json") ? parsePid(name.slice(0, -5)) : null
    const raw = pid === null ? null : readJson(ctx, joinPath(folder, name))
    const id = parseUuid(textIn(raw?.sessionId))
    if (raw === null || pid === null || id === null) return []
    if (writtenHere(ctx, raw.pidDomain, processes)) return [toEntry(pid, id, raw, processes.get(pid), bootAt)]
    const there = processElsewhere(raw.pidDomain, pid, processes)
    const entry = { ...toEntry(pid, id, raw, there ?? undefined, bootAt), pid: there?.pid ?? pid }
    return [
      there === null
        ? { ...entry, why: "it was written in a container or on another machine", foreign: true }
        : entry,
    ]
  })
}

function toEntry(
  pid: Pid,
  id: SessionId,
  raw: JsonObject,
  running: ProcessEntry | undefined,
  bootAt: number | null,
): RegistryEntry {
  const startedAt = numberIn(raw.startedAt)
  const procStart = textIn(raw.procStart)
  const why = mismatch(running, procStart, startedAt)
  return {
    pid,
    file: `sessions/${pid}.json`,
    id,
    cwd: textIn(raw.cwd),
    version: textIn(raw.version),
    kind: textIn(raw.kind),
    jobId: textIn(raw.jobId),
    name: textIn(raw.name),
    tmux: textIn(raw.tmux),
    headless: /^sdk/.test(textIn(raw.entrypoint) ?? ""),
    status: statuses.find((status) => status === raw.status) ?? null,
    waitingFor: textIn(raw.waitingFor),
    statusSince: numberIn(raw.statusUpdatedAt) ?? numberIn(raw.updatedAt),
    unknown: unknownValues(raw, textIn(raw.version)),
    live: why === null,
    why: why ?? "",
    foreign: why !== null && writtenElsewhere(procStart, startedAt, bootAt),
  }
}

/** Why the running process cannot be the one that wrote the entry; null when it is. */
function mismatch(
  running: ProcessEntry | undefined,
  procStart: string | null,
  startedAt: number | null,
): string | null {
  if (running === undefined) return "its process has exited"
  const reused = "its pid now belongs to another process"
  if (process.platform === "linux" && procStart !== null)
    return procStart === running.startMark ? null : reused
  // elsewhere only the start time is available: the client registers a few seconds after it starts
  if (startedAt === null) return "it does not say when its process started"
  const late = startedAt - running.startedAt
  return late > -2_000 && late < 120_000 ? null : reused
}

/**
 * Boot time of this machine, computed from our own process; null when start marks are not ticks since boot.
 */
function bootTime(own: ProcessEntry | undefined): number | null {
  return own === undefined || process.platform !== "linux" ? null : own.startedAt - Number(own.startMark) * 10
}

/**
 * Start tick and start time of an entry are consistent only on the machine, and within the boot, on which it
 * was written. An older entry is from a crash or a power failure; a later entry that is inconsistent comes
 * from another machine that shares this home.
 */
function writtenElsewhere(
  procStart: string | null,
  startedAt: number | null,
  bootAt: number | null,
): boolean {
  if (procStart === null || startedAt === null || bootAt === null || startedAt < bootAt) return false
  return Math.abs(bootAt + Number(procStart) * 10 - startedAt) > 600_000
}
