import type { FoundSession } from "../../domain/session/session.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Caller } from "../../rescue/terminate/kill-policy.ts"
import { isInOtherNamespace } from "../../system/process/pid-namespace.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"
import { assessLeftover } from "./assess.ts"
import { descendantsWithin, isLeftover, markedSessionOf } from "./is-leftover.ts"
import type { Leftover } from "./leftover.ts"
import { type ProcessSnapshot, takeProcessSnapshot } from "./process-snapshot.ts"
import { reasonKept } from "./reason-kept.ts"

/** What one look shows: the leftovers, and why a process must not be signalled, whatever it was a moment ago. */
export interface LeftoverScan {
  readonly leftovers: readonly Leftover[]
  reasonNotToSignal(process: ProcessEntry): string | null
}

/**
 * Processes that a client started and that live on without it, the oldest first. Whose child an orphan becomes says
 * nothing (process 1, systemd --user, WSL's Relay, tini, any subreaper): what counts is that no living client is above
 * it, and that none of them is the one that started it. What names no session (clients before 2.1, servers that clear
 * their environment) is not seen, nor is what another user or a container runs.
 */
export async function findLeftovers(
  found: readonly FoundSession[],
  ctx: RunContext,
  caller: Caller,
): Promise<LeftoverScan> {
  const scene = await takeProcessSnapshot(found, ctx)
  const left = new Map(
    scene.list.flatMap((each) => (isLeftover(each, scene) ? [[each.pid, each] as const] : [])),
  )
  const tops = [...left.values()].filter((each) => !belongsToAnother(each, left, scene))
  const pids = new Set(tops.map(({ pid }) => pid))
  const own = tops.filter(({ pid }) => !isInOtherNamespace(pid)).toSorted((a, b) => a.startedAt - b.startedAt)
  const about = { scene, caller, ctx, left }
  const leftovers = await Promise.all(
    own.map((top) => assessLeftover(top, descendantsWithin(top, scene, pids), about)),
  )
  return {
    leftovers,
    reasonNotToSignal(process) {
      const now = scene.of.get(process.pid)
      if (now?.startMark !== process.startMark) return null // it has exited, and its holder knows
      return scene.inUse.has(now.pid)
        ? "a running client needs it now"
        : reasonKept(now, descendantsWithin(now, scene, pids), about)
    },
  }
}

/** One above it is left over of the same session: both are one thing. */
function belongsToAnother(
  process: ProcessEntry,
  left: ReadonlyMap<number, ProcessEntry>,
  scene: ProcessSnapshot,
): boolean {
  const seen = new Set<number>()
  for (let up = process.parent; up > 0 && !seen.has(up); up = scene.of.get(up)?.parent ?? 0) {
    seen.add(up)
    const above = left.get(up)
    if (above !== undefined) return markedSessionOf(above, scene) === markedSessionOf(process, scene)
  }
  return false
}
