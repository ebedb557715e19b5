import { descendantsOf } from "../rescue/guards.ts"
import { endsWithin } from "../rescue/terminate.ts"
import type { Pid } from "../session/pid.ts"
import { type HeldProcess, holdProcess } from "../system/held-process.ts"
import type { Context } from "./context.ts"

/** A process that a client has started, and what it runs. */
export interface Child {
  readonly pid: Pid
  readonly command: string
}

/** What a client has started, held before the client is ended: afterwards nothing would tell whose they were. */
export interface Offspring {
  alive(): Promise<readonly Child[]>
  /** Ends those of this user that are alive, gently first. */
  end(): Promise<void>
  release(): void
}

const patience = 2_000

export async function watchOffspring(pid: Pid, ctx: Context): Promise<Offspring> {
  const entries = descendantsOf(pid, await ctx.processes.list())
  const details = await ctx.processes.details(
    entries.map((entry) => entry.pid),
    [],
  )
  const held: { child: Child; process: HeldProcess; own: boolean }[] = []
  for (const entry of entries) {
    const process = await holdProcess(entry)
    if (process === null) continue
    const command = details.get(entry.pid)?.argv.join(" ") || entry.name
    held.push({ child: { pid: entry.pid, command }, process, own: entry.uid === ctx.self.uid })
  }
  const living = async () => {
    const ended = await Promise.all(held.map(({ process }) => process.hasEnded()))
    return held.filter((_, index) => ended[index] === false)
  }
  return {
    alive: async () => (await living()).map(({ child }) => child),
    async end() {
      for (const signal of ["SIGTERM", "SIGKILL"] as const) {
        const left = (await living()).filter(({ own }) => own) // safety: own-children
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
export async function seeOffspring(pid: Pid, ctx: Context): Promise<readonly Child[]> {
  const offspring = await watchOffspring(pid, ctx)
  try {
    return await offspring.alive()
  } finally {
    offspring.release()
  }
}
