/** Which process has a session open, and what a lock that was left behind proves. */
import type { Context, Evidence, Pid, ProcessEntry } from "session-rescue"
import type { Lock, SessionFolder } from "../store/folders.ts"
import type { Client, Running } from "./running.ts"

interface Holder {
  readonly client: Client
  readonly evidence: Evidence
  /** It has not locked it: nothing was said since it resumed it. */
  readonly unspoken: boolean
}

export interface LockReading {
  readonly holders: readonly Holder[]
  /** Locks whose client is gone: it was killed, since one that exits removes its own, on TERM too (1.0.102, observed). */
  readonly stale: readonly Evidence[]
  /** Locks of processes that cannot be looked at. */
  readonly unclear: readonly Evidence[]
}

/** A file is made after the start of its process, which is known to a tenth of a second or so. */
const toleranceMs = 1_000

export function readLocks(ctx: Context, folder: SessionFolder, running: Running): LockReading {
  const holders: Holder[] = []
  const [stale, unclear]: Evidence[][] = [[], []] as [Evidence[], Evidence[]]
  const named = new Set<Pid>()
  for (const lock of folder.locks) {
    const entry = processOf(lock, running, folder)
    if (entry !== null) named.add(entry.pid)
    const client = entry === null ? undefined : running.clients.get(entry.pid)
    const why = client === undefined ? goneBecause(lock, entry) : leftBecause(lock, client, folder)
    if (why !== null && client === undefined && entry !== null && ![entry.uid, 0].includes(ctx.self.uid))
      unclear.push({
        signal: "identity",
        message: `inuse.${lock.pid}.lock: process ${lock.pid} is another user's`,
      })
    else if (why !== null)
      stale.push({ signal: "lock", message: `inuse.${lock.pid}.lock is left behind: ${why}` })
    else if (client !== undefined)
      holders.push({ client, evidence: holding(lock, client, folder), unspoken: false })
  }
  for (const client of running.clients.values()) {
    const { pid } = client.entry
    if (named.has(pid) || client.home !== folder.home) continue
    const unspoken = client.open?.has(folder.id) !== true
    if (unspoken && client.shows?.id !== folder.id) continue
    const message = unspoken
      ? `process ${pid} shows it, and has not locked it yet: ${client.shows?.says}`
      : `process ${pid} has files of its folder open, without a lock`
    holders.push({ client, evidence: { signal: "identity", message }, unspoken })
  }
  return { holders, stale, unclear }
}

/** The process that a lock names. In a container it has two numbers: the lock has the inner one. */
function processOf({ pid }: Lock, { list, clients }: Running, folder: SessionFolder): ProcessEntry | null {
  const inside = list.find(
    (entry) => entry.innerPid === pid && clients.get(entry.pid)?.open?.has(folder.id) === true,
  )
  return inside ?? list.find((entry) => entry.pid === pid) ?? null
}

function goneBecause({ pid, at }: Lock, entry: ProcessEntry | null): string {
  if (entry === null) return `process ${pid} does not exist (it was killed, or runs on another machine)`
  const since = entry.startedAt > at + toleranceMs ? ", started since" : ""
  return `process ${pid} is another program now (${entry.name}${since})`
}

/** null: the client has it open. */
function leftBecause(lock: Lock, { entry, open }: Client, { id }: SessionFolder): string | null {
  if (open?.has(id) === true) return null
  if (entry.startedAt > lock.at + toleranceMs)
    return `process ${lock.pid} is another Copilot, started after the lock was made`
  if (open !== null && lock.hasHold) return `process ${lock.pid} is a Copilot that does not have it open`
  return null // an older version without a file to hold, or what is open cannot be seen
}

function holding(lock: Lock, { entry, open }: Client, { id }: SessionFolder): Evidence {
  const proof = open?.has(id) === true ? "has it open, and its lock names it" : "is named by its lock alone"
  return { signal: "identity", message: `process ${entry.pid} ${proof} (inuse.${lock.pid}.lock)` }
}
