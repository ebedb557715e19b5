import type { ResourceUsage } from "../domain/session/session.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import type { ProcessEntry } from "../system/process/processes.ts"
import type { RunContext } from "./run-context.ts"

/**
 * The sessions with what each takes. Resident memory, not its proportional share (PSS): that costs a walk through the
 * page tables of every process, under a lock that a hung one may hold, and status has to answer just then.
 */
export async function withResourceUsage(
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
): Promise<readonly ClassifiedSession[]> {
  const holders = new Set(sessions.flatMap(({ process }) => process?.pid ?? []))
  if (holders.size === 0) return sessions
  const list = await ctx.processes.list()
  const children = Map.groupBy(list, (entry) => entry.parent)
  return sessions.map((session) => {
    const { process } = session
    const own = list.find((entry) => entry.pid === process?.pid && entry.startMark === process.startMark)
    if (process === null || own === undefined) return session // it has ended meanwhile
    return { ...session, process: { ...process, usage: resourceUsageOf(own, children, holders) } }
  })
}

/** `apart`: processes that count for themselves, with everything below them. */
function resourceUsageOf(
  top: ProcessEntry,
  children: ReadonlyMap<number, readonly ProcessEntry[]>,
  apart: ReadonlySet<number>,
): ResourceUsage {
  const counted = new Set([top]) // what is added while it is walked through is walked through too
  for (const { pid } of counted) {
    for (const child of children.get(pid) ?? []) if (!apart.has(child.pid)) counted.add(child)
  }
  const all = [...counted]
  const unknown = all.some(({ memoryBytes }) => memoryBytes === null)
  return {
    memoryBytes: unknown ? null : all.reduce((sum, { memoryBytes }) => sum + (memoryBytes ?? 0), 0),
    cpuMs: all.reduce((sum, { cpuMs }) => sum + cpuMs, 0),
    processes: all.length,
  }
}

/** Those that take most come first, those without a process last. */
export function sortByMemory(sessions: readonly ClassifiedSession[]): readonly ClassifiedSession[] {
  const memory = ({ process }: ClassifiedSession) =>
    process?.usage?.memoryBytes ?? (process === null ? -1 : 0)
  return sessions.toSorted((a, b) => memory(b) - memory(a))
}
