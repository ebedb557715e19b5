import { descendantsOf } from "../rescue/guards.ts"
import { endsWithin } from "../rescue/terminate.ts"
import type { Pid } from "../session/pid.ts"
import { type HeldProcess, holdProcess } from "../system/held-process.ts"
import type { ProcessEntry } from "../system/processes.ts"
import type { Context } from "./context.ts"

/** What a client has started, held before the client is ended: afterwards nothing would tell whose they were. */
export interface Offspring {
  /** Those that live on; with `end` they are ended first, gently, then not. */
  survivors(end: boolean): Promise<readonly ProcessEntry[]>
  release(): void
}

const patience = 2_000

export async function watchOffspring(pid: Pid, ctx: Context): Promise<Offspring> {
  const entries = descendantsOf(pid, await ctx.processes.list())
  const held: { entry: ProcessEntry; process: HeldProcess }[] = []
  for (const entry of entries) {
    const process = await holdProcess(entry)
    if (process !== null) held.push({ entry, process })
  }
  const alive = async () => {
    const left: typeof held = []
    for (const each of held) if (!(await each.process.hasEnded())) left.push(each)
    return left
  }
  return {
    async survivors(end) {
      if (end) {
        for (const signal of ["SIGTERM", "SIGKILL"] as const) {
          const left = await alive()
          for (const { process } of left) await process.signal(signal)
          for (const { process } of left) await endsWithin(process, patience, () => {})
        }
      }
      return (await alive()).map(({ entry }) => entry)
    },
    release() {
      for (const { process } of held) process.release()
    },
  }
}
