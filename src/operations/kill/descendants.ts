import type { Pid } from "../../domain/session/pid.ts"
import { descendantsOf } from "../../rescue/terminate/kill-policy.ts"
import { endsWithin } from "../../rescue/terminate/terminate.ts"
import type { Context } from "../../sdk/context.ts"
import { type HeldProcess, holdProcess } from "../../system/process/process-handle.ts"

/** A process that a client has started, and what it runs. */
export interface Child {
  readonly pid: Pid
  readonly command: string
  /** Why it is not ended with the client; missing where it may be. */
  readonly kept?: string
}

/** What a client has started, held before the client is ended: afterwards nothing would tell whose they were. */
export interface Offspring {
  alive(): Promise<readonly Child[]>
  /** Waits until those of `pids` have ended that end with the client, or a moment is over. */
  settle(pids: ReadonlySet<number>): Promise<void>
  /** Ends those that are alive and not kept, gently first. */
  end(): Promise<void>
  release(): void
}

const patience = 2_000
/** A client that is told to end takes its tools along a moment later, 2.1.197 only sometimes (observed). */
const settling = 3_000

/** `sessions`: processes that hold a session of their own; what they have started is theirs. */
export async function watchOffspring(
  pid: Pid,
  ctx: Context,
  sessions: ReadonlySet<number>,
): Promise<Offspring> {
  const entries = descendantsOf(pid, await ctx.processes.list())
  const details = await ctx.processes.details(
    entries.map((entry) => entry.pid),
    [],
  )
  const held: { child: Child; process: HeldProcess }[] = []
  const theirs = new Set<number>()
  for (const entry of entries) {
    if (sessions.has(entry.pid) || theirs.has(entry.parent)) theirs.add(entry.pid) // the nearest come first
    const process = await holdProcess(entry)
    if (process === null) continue
    const command = details.get(entry.pid)?.argv.join(" ") || entry.name
    // safety: own-children
    const stranger = entry.uid === ctx.self.uid ? {} : { kept: "another user's" }
    const theirOwn = sessions.has(entry.pid) ? "a session of its own" : "of a session of its own"
    const kept = theirs.has(entry.pid) ? { kept: theirOwn } : stranger // safety: saved-children
    held.push({ child: { pid: entry.pid, command, ...kept }, process })
  }
  const living = async () => {
    const ended = await Promise.all(held.map(({ process }) => process.hasEnded()))
    return held.filter((_, index) => ended[index] === false)
  }
  return {
    alive: async () => (await living()).map(({ child }) => child),
    async settle(pids) {
      const going = held.filter(({ child }) => pids.has(child.pid))
      await Promise.all(going.map(({ process }) => endsWithin(process, settling, () => {})))
    },
    async end() {
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const left = (await living()).filter(({ child }) => child.kept === undefined)
        for (const { process } of left) await process.signal(signal)
        await Promise.all(left.map(({ process }) => endsWithin(process, patience, () => {})))
      }
    },
    release() {
      for (const { process } of held) process.release()
    },
  }
}

/** For saying what would happen. */
export async function seeOffspring(
  pid: Pid,
  ctx: Context,
  sessions: ReadonlySet<number>,
): Promise<readonly Child[]> {
  const offspring = await watchOffspring(pid, ctx, sessions)
  try {
    return await offspring.alive()
  } finally {
    offspring.release()
  }
}
