/** Ending a process whose files are proven to be saved, and the rules for processes that must never be ended. */
import type { DiskPath } from "../../domain/disk-path.ts"
import type { ProcessHandle } from "../../system/process/process-handle.ts"
import { type Receipt, reasonNotCovered } from "../receipt.ts"

export type TerminationResult =
  /** It ended on TERM; or, with a reason, before any signal was sent. */
  | { readonly outcome: "ended"; readonly reason: string | null }
  /** It did not exit on TERM and was killed: when the grace period was over; or, with a reason, before. */
  | { readonly outcome: "killed"; readonly reason: string | null }
  /** It was signalled and is still alive. */
  | { readonly outcome: "still-alive"; readonly reason: string }
  /** Not everything it has on disk is saved any more. Nothing was signalled. */
  | { readonly outcome: "not-covered"; readonly reason: string }
  /** Nothing was signalled. */
  | { readonly outcome: "refused"; readonly reason: string }
  /** Cancelled just before the first signal. Nothing was signalled. */
  | { readonly outcome: "called-off" }

export interface TerminateOptions {
  readonly graceMs: number
  /**
   * Set for a process whose service would restart it after a signal: asks that service to stop it permanently. Returns
   * why the service did not, or null. No signal is sent in this case.
   */
  readonly stop: (() => Promise<string | null>) | null
  /** Whether the process is stopped (Ctrl-Z, SIGSTOP) at this moment. */
  isSuspended(): Promise<boolean>
  /** The session's current files; null when the session can no longer be found. */
  footprint(): Promise<readonly DiskPath[] | null>
  /** Checked immediately before TERM. */
  isCancelled(): boolean
  /** Called after TERM was sent: from here on the report must not be interrupted. */
  onTerm(): void
  /** Called while waiting, with the milliseconds left until KILL. */
  onWait(left: number): void
  /** Called immediately before KILL. */
  beforeKill(): Promise<void>
}

const pollMs = 50
const killWaitMs = 5_000
/** Consecutive looks at which a process that was continued is stopped again: from then on only KILL ends it. */
const looksWhileStopped = 2
const endedByItself = { outcome: "ended", reason: "it had already exited" } as const
const stoppedAgain = "it was suspended, and was stopped again when it was continued to exit on TERM"

/**
 * Ends one process, with TERM first and KILL after the grace period. Immediately before the first signal, the receipt
 * is checked against the process handle and against the disk. A suspended process is continued to receive TERM; one
 * that is stopped again at once, as the terminal stops a background job that reads it, is not waited for.
 */
export async function terminate(
  held: ProcessHandle,
  receipt: Receipt,
  options: TerminateOptions,
): Promise<TerminationResult> {
  const suspended = await options.isSuspended()
  const refused = await checkBeforeSignal(held, receipt, options)
  if (refused !== null) return refused
  if (options.stop !== null) return await stopThenWait(held, options.stop, options) // safety: by-its-service
  const term = await held.signal("SIGTERM")
  if (term === "gone") return endedByItself
  if (term === "denied") return { outcome: "refused", reason: "the system does not allow signalling it" }
  options.onTerm()
  try {
    if (suspended) await held.signal("SIGCONT") // a stopped process keeps TERM pending
    return await waitThenKill(held, suspended, options)
  } catch (error) {
    const reason = `it was signalled, and whether it has exited is unknown: ${(error as Error).message}`
    return { outcome: "still-alive", reason }
  }
}

/** The last check before the process is ended; null when it may be ended. */
async function checkBeforeSignal(
  held: ProcessHandle,
  receipt: Receipt,
  options: TerminateOptions,
): Promise<TerminationResult | null> {
  const footprint = await options.footprint()
  if (await held.hasExited()) return endedByItself
  // safety: lost-from-sight
  if (footprint === null) return { outcome: "not-covered", reason: "it cannot be found again" }
  const why = reasonNotCovered(receipt, held.identity, footprint)
  if (why !== null) return { outcome: "not-covered", reason: why } // safety: receipt-check
  return options.isCancelled() ? { outcome: "called-off" } : null // safety: called-off
}

/** Never sends KILL: the service would treat that as a crash and restart the process. */
async function stopThenWait(
  held: ProcessHandle,
  stop: () => Promise<string | null>,
  { graceMs, onTerm, onWait }: TerminateOptions,
): Promise<TerminationResult> {
  onTerm()
  const why = await stop()
  if (await exitsWithin(held, why === null ? graceMs : 0, onWait)) return { outcome: "ended", reason: null }
  const reason = why ?? "its background service was asked to stop it, and it is still there"
  return { outcome: "still-alive", reason }
}

async function waitThenKill(
  held: ProcessHandle,
  suspended: boolean,
  options: TerminateOptions,
): Promise<TerminationResult> {
  let stopped = 0
  const isStopped = async () => {
    stopped = (await options.isSuspended()) ? stopped + 1 : 0
    return stopped >= looksWhileStopped // safety: stopped-again
  }
  // safety: grace
  const waited = await waitForExit(held, options.graceMs, options.onWait, suspended ? isStopped : null)
  if (waited === "exited") return { outcome: "ended", reason: null }
  await options.beforeKill().catch(() => {}) // KILL is sent even if this fails
  const kill = await held.signal("SIGKILL")
  if (kill === "gone") return { outcome: "ended", reason: null }
  if (kill === "denied") {
    return { outcome: "still-alive", reason: "it ignored TERM, and the system does not allow KILL" }
  }
  if (await exitsWithin(held, killWaitMs, () => {}))
    return { outcome: "killed", reason: waited === "given up" ? stoppedAgain : null }
  return {
    outcome: "still-alive",
    reason: "TERM and KILL were sent; in uninterruptible sleep it ends only when that does",
  }
}

export async function exitsWithin(
  held: ProcessHandle,
  milliseconds: number,
  onWait: (left: number) => void,
): Promise<boolean> {
  return (await waitForExit(held, milliseconds, onWait, null)) === "exited"
}

/** `giveUp` is asked at each look whether waiting on is useless. */
async function waitForExit(
  held: ProcessHandle,
  milliseconds: number,
  onWait: (left: number) => void,
  giveUp: (() => Promise<boolean>) | null,
): Promise<"exited" | "time is over" | "given up"> {
  const until = performance.now() + milliseconds
  while (!(await held.hasExited())) {
    const left = until - performance.now()
    if (left <= 0) return "time is over"
    if ((await giveUp?.()) === true) return "given up"
    onWait(left)
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMs, left)))
  }
  return "exited"
}
