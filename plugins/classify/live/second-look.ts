import type { Context, LiveProcess } from "session-rescue"

export interface SecondLook {
  /** Share of one core used between two looks; null when not looked at. */
  readonly cpuShare: number | null
  /** It wanted the processor at both looks, whether it got it or not. */
  readonly runnable: boolean
  readonly uninterruptible: boolean
  /** Set when typed keys stood unread the whole time. */
  readonly unread: string | null
}

/** Takes the samples that need two looks; all sessions of a run share one wait of 200 ms. */
export async function secondLook(
  process: LiveProcess,
  ctx: Context,
  wanted: { cpu: boolean; letter: boolean; keys: boolean },
): Promise<SecondLook> {
  const { terminal } = process
  const reader = wanted.keys && process.foreground
  const typed = terminal !== null && reader ? ((await ctx.unreadInput(terminal)) ?? 0) : 0
  if (!wanted.cpu && !wanted.letter && typed === 0)
    return { cpuShare: null, runnable: false, uninterruptible: false, unread: null }
  const before = await ctx.processes.pulse(process.pid)
  const from = performance.now()
  await ctx.secondLook()
  const after = await ctx.processes.pulse(process.pid)
  const elapsed = performance.now() - from
  const still = before !== null && after !== null && before.startMark === after.startMark
  const stands = typed === 0 || terminal === null ? 0 : ((await ctx.unreadInput(terminal)) ?? 0)
  return {
    cpuShare: wanted.cpu && still && elapsed > 50 ? (after.cpuMs - before.cpuMs) / elapsed : null,
    runnable: still && before.letter === "R" && after.letter === "R",
    uninterruptible: wanted.letter && still && before.letter === "D" && after.letter === "D",
    unread: typed > 0 && stands >= typed ? `${stands} typed bytes stand unread on ${terminal}` : null,
  }
}
