import type { Context, LiveProcess, ProcessSample } from "session-rescue"

export interface Samples {
  /** Share of one core used between two samples; null when not sampled. */
  readonly cpuShare: number | null
  /** Used more of a core over two seconds than drawing the screen can explain. */
  readonly spins: boolean
  readonly uninterruptible: boolean
  /** Set when typed keys were unread the whole time. */
  readonly unreadInput: string | null
}

interface CpuShare {
  /** Share of one core. */
  readonly cpu: number | null
  readonly cpuMs: number
  /** Runnable at both samples, whether it was running or not. */
  readonly runnable: boolean
  /** It did not sleep between the samples, as far as that is counted. */
  readonly restless: boolean
}

/**
 * While it waits for an answer, a hook or a tool, or reports a retry, the client's drawing takes on average
 * 0.03 to 0.16 of one core, up to 0.6 over 200 ms, and at most 0.23 (2.1.332) or 0.34 (2.1.197) over any
 * whole second; at its prompt it takes 0.003 and at most 0.02 (observed: two cores under a load of 8). So 200
 * ms only raise suspicion. Between two frames it sleeps; under a load of 30 the 100 ms of one frame took over
 * a second (2.0.60: observed). On a busy machine a spinning client gets little CPU time too, but uses more
 * than a frame does without sleeping.
 */
const suspicious = { alone: 0.4, runnable: 0.1, restlessMs: 10 }
const spinning = { alone: 0.8, runnable: 0.5, restlessMs: 300 }

/**
 * Takes the samples that need two measurements; all sessions of a run share one wait of 200 ms, and one of
 * two seconds.
 */
export async function takeSamples(
  process: LiveProcess,
  ctx: Context,
  wanted: { cpu: boolean; spin: boolean; letter: boolean; keys: boolean },
): Promise<Samples> {
  const { terminal } = process
  const reader = wanted.keys && process.foreground
  const typed = terminal !== null && reader ? ((await ctx.unreadInput(terminal)) ?? 0) : 0
  const before = wanted.cpu || wanted.letter || wanted.spin ? await ctx.processes.probe(process.pid) : null
  const hot = wanted.spin && (process.letter === "R" || before?.letter === "R")
  if (!wanted.cpu && !wanted.letter && !hot && typed === 0)
    return { cpuShare: null, spins: false, uninterruptible: false, unreadInput: null }
  const from = performance.now()
  await ctx.resample()
  const after = await ctx.processes.probe(process.pid)
  const short = shareOf(before, after, performance.now() - from)
  const stands = typed === 0 || terminal === null ? 0 : ((await ctx.unreadInput(terminal)) ?? 0)
  const suspected = wanted.spin && exceeds(short, suspicious)
  const long = suspected ? await sampleLonger(process, ctx) : null
  return {
    cpuShare: wanted.cpu || suspected ? (long?.cpu ?? short.cpu) : null,
    spins: long !== null && exceeds(combine(short, long), spinning),
    uninterruptible: wanted.letter && before?.letter === "D" && after?.letter === "D",
    unreadInput: typed > 0 && stands >= typed ? `${stands} typed bytes stand unread on ${terminal}` : null,
  }
}

async function sampleLonger({ pid }: LiveProcess, ctx: Context): Promise<CpuShare> {
  const before = await ctx.processes.probe(pid)
  const from = performance.now()
  await ctx.resampleLater()
  return shareOf(before, await ctx.processes.probe(pid), performance.now() - from)
}

function shareOf(before: ProcessSample | null, after: ProcessSample | null, elapsed: number): CpuShare {
  const still = before !== null && after !== null && before.startMark === after.startMark
  if (!still || elapsed <= 50) return { cpu: null, cpuMs: 0, runnable: false, restless: false }
  const cpuMs = after.cpuMs - before.cpuMs
  return {
    cpu: cpuMs / elapsed,
    cpuMs,
    runnable: before.letter === "R" && after.letter === "R",
    restless: before.voluntarySwitches != null && before.voluntarySwitches === after.voluntarySwitches,
  }
}

/** Conditions that held over both samples, and the share over the longer one. */
function combine(short: CpuShare, long: CpuShare): CpuShare {
  return {
    cpu: long.cpu,
    cpuMs: short.cpuMs + long.cpuMs,
    runnable: short.runnable && long.runnable,
    restless: short.restless && long.restless,
  }
}

function exceeds({ cpu, cpuMs, runnable, restless }: CpuShare, limit: typeof spinning): boolean {
  if (cpu === null) return false
  return (
    cpu > (runnable ? limit.runnable : limit.alone) || (runnable && restless && cpuMs >= limit.restlessMs)
  )
}
