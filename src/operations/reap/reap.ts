import { sameProcess } from "../../domain/session/pid.ts"
import { exitsWithin } from "../../rescue/terminate/terminate.ts"
import { openProcess, type ProcessHandle } from "../../system/process/process-handle.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"
import type { LeftoverScan } from "./find.ts"
import type { Leftover } from "./leftover.ts"

type ReapOutcome =
  /** It was not chosen: not certain and not named, or never ended. */
  | "left"
  | "would-end"
  | "declined"
  /** It left on TERM, or by itself. */
  | "ended"
  | "killed"
  | "still-alive"
  | "refused"

export interface ReapReport {
  readonly leftover: Leftover
  readonly outcome: ReapOutcome
  readonly reason: string | null
}

export interface ReapOptions {
  /** What there is now. */
  scan(): Promise<LeftoverScan>
  /** Asked once for all of them. */
  confirm(leftovers: readonly Leftover[], airtight: boolean): Promise<boolean>
  isCalledOff(): boolean
  onTerm(): void
}

const graceMs = 5_000

/** A leftover with handles on all its processes. */
interface HeldLeftover {
  readonly leftover: Leftover
  readonly processes: Map<ProcessEntry, ProcessHandle>
  /** Why it was not ended, or not all of it. */
  reason: string | null
  killed: boolean
  signalled: boolean
}

/**
 * Ends leftovers, all of them together, gently first. Everything is held before the question, and looked at again in
 * the moment before TERM and in the moment before KILL: what has come into use since then is kept.
 */
export async function reap(
  chosen: readonly Leftover[],
  options: ReapOptions,
): Promise<readonly ReapReport[]> {
  const held = await Promise.all(chosen.map(holdLeftover))
  try {
    const airtight = held.every(({ processes }) => [...processes.values()].every((each) => each.raceFree))
    const agreed = chosen.length === 0 || (await options.confirm(chosen, airtight))
    const declined = (reason: string) =>
      chosen.map((leftover) => ({ leftover, outcome: "declined", reason }) as const)
    if (!agreed) return declined("not ended: nobody said yes") // safety: reap-said-no
    if (options.isCalledOff()) return declined("interrupted: nothing was ended")
    await endAll(held, options)
    return await Promise.all(held.map(reportOf))
  } finally {
    for (const { processes } of held) for (const handle of processes.values()) handle.release()
  }
}

async function holdLeftover(leftover: Leftover): Promise<HeldLeftover> {
  const processes = new Map<ProcessEntry, ProcessHandle>()
  for (const each of [leftover.process, ...leftover.below.map(({ process }) => process)]) {
    const handle = await openProcess(each)
    if (handle !== null) processes.set(each, handle)
  }
  return { leftover, processes, reason: null, killed: false, signalled: false }
}

async function endAll(held: readonly HeldLeftover[], { scan, onTerm }: ReapOptions): Promise<void> {
  const before = await scan()
  for (const each of held) each.reason = reasonNoLongerLeft(each.leftover, before) // safety: reap-look-again
  const going = held.filter(({ reason }) => reason === null)
  onTerm()
  for (const each of going) await signalAll(each, before, "SIGTERM")
  const until = performance.now() + graceMs
  for (const { processes } of going)
    for (const handle of processes.values()) await exitsWithin(handle, until - performance.now(), () => {})
  if ((await Promise.all(going.map(alive))).every((left) => left.length === 0)) return
  const later = await scan()
  for (const each of going) each.killed = await signalAll(each, later, "SIGKILL")
  for (const { processes } of going)
    for (const handle of processes.values()) await exitsWithin(handle, graceMs, () => {})
}

/** What it was taken for must hold still; one that was certain must be so now. */
function reasonNoLongerLeft(leftover: Leftover, now: LeftoverScan): string | null {
  const again = now.leftovers.find(({ process }) => sameProcess(process, leftover.process))
  if (again === undefined) return "it has exited or is in use again"
  return again.standing === "certain" || again.standing === leftover.standing ? null : again.but
}

/** Whether any was sent. */
async function signalAll(
  held: HeldLeftover,
  now: LeftoverScan,
  signal: "SIGTERM" | "SIGKILL",
): Promise<boolean> {
  let sent = false
  for (const [process, handle] of held.processes) {
    if (await handle.hasExited()) continue
    const why = now.reasonNotToSignal(process)
    if (why !== null) held.reason = `pid ${process.pid} was not ended: ${why}`
    if (why !== null) continue // safety: reap-not-needed
    const answer = await handle.signal(signal)
    if (answer === "denied") held.reason = `no permission to signal pid ${process.pid}`
    sent ||= answer === "sent"
  }
  held.signalled ||= sent
  return sent
}

async function alive({ processes }: HeldLeftover): Promise<readonly ProcessEntry[]> {
  const all = [...processes]
  const ended = await Promise.all(all.map(([, handle]) => handle.hasExited()))
  return all.flatMap(([process], index) => (ended[index] === true ? [] : process))
}

async function reportOf(held: HeldLeftover): Promise<ReapReport> {
  const { leftover, signalled, killed } = held
  const left = await alive(held)
  if (left.length === 0)
    return {
      leftover,
      outcome: killed ? "killed" : "ended",
      reason: signalled ? null : "it had already exited",
    }
  const pids = left.map(({ pid }) => pid).join(", ")
  if (!signalled) return { leftover, outcome: "refused", reason: held.reason }
  return {
    leftover,
    outcome: "still-alive",
    reason: held.reason ?? `TERM and KILL were sent, but pid ${pids} is still running`,
  }
}
