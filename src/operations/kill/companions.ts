import type { FoundSession, LiveProcess } from "../../domain/session/session.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { descendantsOf } from "../../rescue/terminate/kill-policy.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"

/** A session that certainly has a process. */
export type LiveSession = ClassifiedSession & { readonly process: LiveProcess }

/**
 * The sessions that end with another one: those below its process, at any depth, because a tool of a session may run one
 * of its own, and a client that is asked to leave ends the trees of its tools (Claude Code 2.1.332, observed); and those
 * that the same process runs (the service of Codex 0.171.0, observed).
 */
function endingWith(
  session: FoundSession & { readonly process: LiveProcess },
  all: readonly FoundSession[],
  list: readonly ProcessEntry[],
): readonly FoundSession[] {
  const { pid } = session.process
  const below = new Set<number>(descendantsOf(pid, list).map((entry) => entry.pid))
  return all.filter(
    (each) =>
      each.process !== null &&
      (below.has(each.process.pid) || (each.process.pid === pid && each.id !== session.id)), // safety: same-process
  )
}

export async function findCompanions(
  session: FoundSession & { readonly process: LiveProcess },
  all: readonly FoundSession[],
  ctx: RunContext,
): Promise<readonly LiveSession[]> {
  const found = endingWith(session, all, await ctx.processes.list())
  return await Promise.all(
    found.map(async (each) => ({
      ...(await tryClassify(each, ctx)),
      process: each.process as LiveProcess,
    })),
  )
}
