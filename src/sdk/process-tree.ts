import type { LiveProcess } from "../domain/session/session.ts"
import type { ProcessEntry } from "../system/process/processes.ts"

/** The nearest ancestor among `pids`; null when there is none. */
export function ancestorAmong<T extends number>(
  of: number,
  list: ReadonlyMap<number, ProcessEntry>,
  pids: ReadonlySet<T>,
): T | null {
  const seen = new Set<number>()
  for (let pid = list.get(of)?.parent ?? 0; pid > 0 && !seen.has(pid); pid = list.get(pid)?.parent ?? 0) {
    if (pids.has(pid as T)) return pid as T
    seen.add(pid)
  }
  return null
}

/** `at`: the process at the terminal, which is another one where a service runs the session; null for none. */
export function liveProcessOf(
  { pid, letter, startedAt, startMark, cpuMs }: ProcessEntry,
  list: readonly ProcessEntry[],
  at: ProcessEntry | null,
): LiveProcess {
  const children = list
    .filter((other) => other.parent === pid)
    .toSorted((a, b) => a.startedAt - b.startedAt)
    .map((child) => ({
      pid: child.pid,
      startedAt: child.startedAt,
      terminal: child.terminal,
      command: child.name,
    }))
  const [terminal, foreground] = [at?.terminal ?? null, at?.foreground ?? false]
  const window = at === null || at.pid === pid ? {} : { window: at.pid }
  return { pid, terminal, letter, startedAt, startMark, cpuMs, foreground, children, ...window }
}
