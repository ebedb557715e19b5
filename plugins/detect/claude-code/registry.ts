import {
  type Context,
  joinPath,
  type ProcessEntry,
  parsePid,
  parseSessionId,
  type SessionId,
} from "session-rescue"

/** One `sessions/PID.json` of a client home (Claude Code 2.1; 1.x and 2.0 have none). */
export interface RegistryEntry {
  readonly pid: number
  readonly id: SessionId
  readonly cwd: string | null
  readonly version: string | null
  /** Started by a program, not by a person: `claude -p` and the SDK. */
  readonly headless: boolean
  readonly status: "idle" | "busy" | "waiting" | "shell" | null
  readonly waitingFor: string | null
  readonly statusSince: number | null
  /** The process it names is the one that wrote it. */
  readonly live: boolean
  /** Why not, when it is not. */
  readonly why: string
  readonly foreign: boolean
}

const statuses = ["idle", "busy", "waiting", "shell"] as const

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
    const raw = pid === null ? null : parseObject(ctx.files.text(joinPath(folder, name), 1 << 20))
    const id = parseSessionId(raw?.sessionId)
    return raw === null || pid === null || id === null
      ? []
      : [toEntry(pid, id, raw, processes.get(pid), bootAt)]
  })
}

function toEntry(
  pid: number,
  id: SessionId,
  raw: Record<string, unknown>,
  running: ProcessEntry | undefined,
  bootAt: number | null,
): RegistryEntry {
  const startedAt = time(raw.startedAt)
  const procStart = text(raw.procStart)
  const why = mismatch(running, procStart, startedAt)
  return {
    pid,
    id,
    cwd: text(raw.cwd),
    version: text(raw.version),
    headless: /^sdk/.test(text(raw.entrypoint) ?? ""),
    status: statuses.find((status) => status === raw.status) ?? null,
    waitingFor: text(raw.waitingFor),
    statusSince: time(raw.statusUpdatedAt) ?? time(raw.updatedAt),
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
  if (running === undefined) return "its process is gone"
  const reused = "its pid now belongs to another process"
  if (process.platform === "linux" && procStart !== null)
    return procStart === running.startMark ? null : reused
  // elsewhere the start time must do: the client registers a few seconds after it starts
  if (startedAt === null) return "it does not say when its process started"
  const late = startedAt - running.startedAt
  return late > -2_000 && late < 120_000 ? null : reused
}

/** When this machine started, by our own process; null where start marks are no ticks since then. */
function bootTime(own: ProcessEntry | undefined): number | null {
  return own === undefined || process.platform !== "linux" ? null : own.startedAt - Number(own.startMark) * 10
}

/**
 * Start tick and start time of an entry agree only on the machine, and since the start of the machine, on
 * which it was written. An entry from before that is a crash or a power cut; a later one that disagrees comes
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

function parseObject(json: string | null): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(json ?? "null")
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null
}

function time(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null
}
