import type { Pid } from "../../domain/session/pid.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { descendantsOf } from "../../rescue/terminate/kill-policy.ts"
import { exitsWithin } from "../../rescue/terminate/terminate.ts"
import { openProcess, type ProcessHandle } from "../../system/process/process-handle.ts"

/** A process that a client has started, and what it runs. */
export interface Descendant {
  readonly pid: Pid
  readonly command: string
  /** Why it is not ended with the client; missing where it may be. */
  readonly kept?: string
}

/** What a client has started, held before the client is ended: afterwards nothing would tell whose they were. */
export interface TrackedDescendants {
  alive(): Promise<readonly Descendant[]>
  /** Waits until those of `pids` have ended that end with the client, or a moment is over. */
  settle(pids: ReadonlySet<number>): Promise<void>
  /** Ends those that are alive and not kept, gently first. */
  end(): Promise<void>
  release(): void
}

const termGraceMs = 2_000
/** A client that is told to end takes its tools along a moment later, 2.1.197 only sometimes (observed). */
const settleMs = 3_000

/** `sessions`: processes that hold a session of their own; what they have started is theirs. */
export async function trackDescendants(
  pid: Pid,
  ctx: RunContext,
  sessions: ReadonlySet<number>,
): Promise<TrackedDescendants> {
  const entries = descendantsOf(pid, await ctx.processes.list())
  const details = await ctx.processes.details(
    entries.map((entry) => entry.pid),
    [],
  )
  const held: { child: Descendant; process: ProcessHandle }[] = []
  const theirs = new Set<number>()
  for (const entry of entries) {
    if (sessions.has(entry.pid) || theirs.has(entry.parent)) theirs.add(entry.pid) // the nearest come first
    const process = await openProcess(entry)
    if (process === null) continue
    const command = details.get(entry.pid)?.argv.join(" ") || entry.name
    // safety: own-children
    const foreign = entry.uid === ctx.self.uid ? {} : { kept: "another user's" }
    const theirOwn = sessions.has(entry.pid) ? "a session of its own" : "of a session of its own"
    const kept = theirs.has(entry.pid) ? { kept: theirOwn } : foreign // safety: saved-children
    held.push({ child: { pid: entry.pid, command, ...kept }, process })
  }
  const living = async () => {
    const ended = await Promise.all(held.map(({ process }) => process.hasExited()))
    return held.filter((_, index) => ended[index] === false)
  }
  return {
    alive: async () => (await living()).map(({ child }) => child),
    async settle(pids) {
      const going = held.filter(({ child }) => pids.has(child.pid))
      await Promise.all(going.map(({ process }) => exitsWithin(process, settleMs, () => {})))
    },
    async end() {
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const left = (await living()).filter(({ child }) => child.kept === undefined)
        for (const { process } of left) await process.signal(signal)
        await Promise.all(left.map(({ process }) => exitsWithin(process, termGraceMs, () => {})))
      }
    },
    release() {
      for (const { process } of held) process.release()
    },
  }
}

/** For saying what would happen. */
export async function listDescendants(
  pid: Pid,
  ctx: RunContext,
  sessions: ReadonlySet<number>,
): Promise<readonly Descendant[]> {
  const descendants = await trackDescendants(pid, ctx, sessions)
  try {
    return await descendants.alive()
  } finally {
    descendants.release()
  }
}
