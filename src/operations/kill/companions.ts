import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { descendantsOf } from "../../rescue/terminate/kill-policy.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"

/** A session that certainly has a process. */
export type LiveSession = ClassifiedSession & { readonly process: LiveProcess }

/**
 * The sessions that run below another one's process, at any depth: a tool of a session may run one of its own. A client
 * that is asked to leave ends the trees of its tools (2.1.332, observed), and so they end with it.
 */
function sessionsBelow(
  { pid }: LiveProcess,
  all: readonly FoundSession[],
  list: readonly ProcessEntry[],
): readonly FoundSession[] {
  const below = new Set<number>(descendantsOf(pid, list).map((entry) => entry.pid))
  return all.filter(({ process }) => process !== null && below.has(process.pid))
}

export async function findCompanions(
  process: LiveProcess,
  all: readonly FoundSession[],
  ctx: RunContext,
): Promise<readonly LiveSession[]> {
  const found = sessionsBelow(process, all, await ctx.processes.list())
  return await Promise.all(
    found.map(async (each) => ({
      ...(await tryClassify(each, ctx)),
      process: each.process as LiveProcess,
    })),
  )
}
