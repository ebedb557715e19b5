import type { Context } from "../context.ts"
import type { ClassifiedSession } from "../stages.ts"
import { advice, count, type Finding, ok } from "./finding.ts"

const variable = "CLAUDE_CODE_SESSION_ID"

/**
 * Processes that a client started and that live on without it: their parent is gone, and their environment names a
 * session that no client holds. Clients before 2.1 name none, and some servers hide it: this list may be too short.
 */
export async function lookAtProcesses(
  sessions: readonly ClassifiedSession[],
  ctx: Context,
): Promise<Finding> {
  const list = await ctx.processes.list()
  const fosters = new Set([0, 1, ...list.filter((each) => each.name === "systemd").map((each) => each.pid)])
  const orphans = list.filter(
    (each) => each.uid === ctx.self.uid && fosters.has(each.parent) && each.pid !== ctx.self.pid,
  )
  const details = await ctx.processes.details(
    orphans.map((each) => each.pid),
    [variable],
  )
  const held = new Set(sessions.flatMap((session) => (session.process === null ? [] : (session.id ?? []))))
  const left = orphans.filter((each) => {
    const id = details.get(each.pid)?.environment[variable]
    return id !== undefined && !held.has(id as never)
  })
  if (left.length === 0) return ok("processes", "nothing lives on that names a session whose client is gone")
  const named = left.slice(0, 5).map((each) => `${each.pid} (${each.name})`)
  const says = `${count(left.length, "process").replace("processs", "processes")} of clients that are gone: ${named.join(", ")}`
  return advice("processes", says, `see what it is: ps -fp ${left[0]?.pid}; end it if you do not need it`)
}
