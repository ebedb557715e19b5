import type { ResourceUsage } from "../domain/session/session.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import type { ProcessEntry } from "../system/process/processes.ts"
import type { RunContext } from "./run-context.ts"

/**
 * Adds resource usage to the sessions. Uses resident memory, not the proportional share (PSS): PSS walks the
 * page tables of every process under a lock that a hung process may hold, and that is when status has to
 * answer.
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
    if (process === null || own === undefined) return session // exited in the meantime
    return { ...session, process: { ...process, usage: resourceUsageOf(own, children, holders) } }
  })
}

/** `apart`: processes that are counted separately, with all their descendants. */
function resourceUsageOf(
  top: ProcessEntry,
  children: ReadonlyMap<number, readonly ProcessEntry[]>,
  apart: ReadonlySet<number>,
): ResourceUsage {
  const counted = new Set([top]) // iterating a Set also visits entries added during the loop
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
