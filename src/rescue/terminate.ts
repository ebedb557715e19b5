import type { DiskPath } from "../session/disk-path.ts"
import type { HeldProcess } from "../system/held-process.ts"
import { type Receipt, whyNotCovered } from "./receipt.ts"

export type Ending =
  /** It left by itself on TERM, or had left before. */
  | { readonly outcome: "ended" }
  /** It ignored TERM and was killed. */
  | { readonly outcome: "killed" }
  /** It was signalled and is still there. */
  | { readonly outcome: "still-alive"; readonly reason: string }
  /** Nothing was signalled. */
  | { readonly outcome: "refused"; readonly reason: string }

export interface TerminateOptions {
  readonly graceMs: number
  readonly suspended: boolean
  /** The session's files as they are named now. */
  readonly footprint: () => Promise<readonly DiskPath[]>
  /** Called after TERM was sent: from here on the report must not be cut short. */
  onTerm(): void
  /** Called while waiting, with the milliseconds left until KILL. */
  onWait(left: number): void
}

const look = 50
const afterKill = 5_000

/**
 * Ends one process, gently first. The receipt is checked against the process held and against the disk in the
 * moment before the first signal.
 */
export async function terminate(
  held: HeldProcess,
  receipt: Receipt,
  options: TerminateOptions,
): Promise<Ending> {
  if (await held.hasEnded()) return { outcome: "ended" }
  const why = whyNotCovered(receipt, held.identity, await options.footprint())
  if (why !== null) return { outcome: "refused", reason: why }
  const term = await held.signal("SIGTERM")
  if (term === "gone") return { outcome: "ended" }
  if (term === "denied") return { outcome: "refused", reason: "the system does not allow signalling it" }
  options.onTerm()
  if (options.suspended) await held.signal("SIGCONT") // a stopped process keeps TERM pending
  if (await endsWithin(held, options.graceMs, options.onWait)) return { outcome: "ended" }
  await held.signal("SIGKILL")
  if (await endsWithin(held, afterKill, () => {})) return { outcome: "killed" }
  return {
    outcome: "still-alive",
    reason: "TERM and KILL were sent; it is in uninterruptible sleep and ends when that does",
  }
}

export async function endsWithin(
  held: HeldProcess,
  milliseconds: number,
  onWait: (left: number) => void,
): Promise<boolean> {
  const until = performance.now() + milliseconds
  while (!(await held.hasEnded())) {
    const left = until - performance.now()
    if (left <= 0) return false
    onWait(left)
    await new Promise((resolve) => setTimeout(resolve, Math.min(look, left)))
  }
  return true
}
