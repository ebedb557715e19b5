import { parseUuid, type SessionId } from "session-rescue"
import type { Holder } from "./running.ts"

/** A thread that a service runs, or ran. */
export interface ServedThread {
  readonly home: string
  readonly id: SessionId
  /** The folder it was started in; null before its first record. */
  readonly cwd: string | null
}

/**
 * Which window was opened for which thread, by thread. `codex resume ID` names it; else the thread is made in the window's
 * folder within seconds of its start, and each window gets the one that fits best (0.171.0, observed). A window may have
 * gone on to another thread since: the service alone knows.
 */
export function matchWindows(
  windows: readonly Holder[],
  threads: readonly ServedThread[],
): ReadonlyMap<SessionId, readonly Holder[]> {
  const found = new Map<SessionId, Holder[]>()
  const add = (id: SessionId, window: Holder) => found.set(id, [...(found.get(id) ?? []), window])
  const unnamed = windows.filter((window) => {
    const named = window.details.argv.flatMap((argument) => parseUuid(argument) ?? [])
    for (const { id } of threads.filter((thread) => named.includes(thread.id))) add(id, window)
    return named.length === 0
  })
  const fits = unnamed
    .flatMap((window) => threads.map((thread) => ({ window, thread, after: delay(window, thread) })))
    .filter((fit): fit is typeof fit & { after: number } => fit.after !== null)
    .toSorted((a, b) => Math.abs(a.after) - Math.abs(b.after))
  const taken = new Set<Holder>()
  for (const { window, thread } of fits) {
    if (taken.has(window) || found.has(thread.id)) continue
    taken.add(window)
    add(thread.id, window)
  }
  return found
}

/** The start of a process is known to a tenth of a second or so. */
const startToleranceMs = 200

/** Milliseconds from the window's start to the thread's; null when the thread is not one that it has started. */
function delay(window: Holder, { home, id, cwd }: ServedThread): number | null {
  if (window.home !== home || (cwd !== null && cwd !== window.details.cwd)) return null
  const after = timeIn(id) - window.entry.startedAt
  return after > -startToleranceMs && after < 60_000 ? after : null
}

/** A UUID of version 7 begins with the milliseconds since 1970. */
function timeIn(id: SessionId): number {
  return Number.parseInt(id.replaceAll("-", "").slice(0, 12), 16)
}
