import { readFileSync } from "node:fs"

export interface Task {
  readonly command: readonly string[]
  readonly env?: Record<string, string>
  /** Run before every repetition, not timed. */
  readonly before?: () => void
}

export interface Timing {
  /** Milliseconds. */
  readonly best: number
  readonly median: number
}

function options(task: Task) {
  return { cmd: [...task.command], env: { ...process.env, ...task.env }, stdin: "ignore" as const }
}

function once(task: Task): number {
  task.before?.()
  const from = performance.now()
  const run = Bun.spawnSync({ ...options(task), stdout: "ignore", stderr: "pipe" })
  const took = performance.now() - from
  if (run.exitCode !== 0) throw new Error(`${task.command.join(" ")} failed: ${run.stderr}`)
  return took
}

/** The run with the best wall time of several, and the processor time that it took. */
export function processorTime(
  task: Task,
  rounds: number,
): { readonly wall: number; readonly processor: number } {
  let best = { wall: Number.POSITIVE_INFINITY, processor: Number.NaN }
  for (let round = 0; round < rounds; round++) {
    task.before?.()
    const from = performance.now()
    const run = Bun.spawnSync({ ...options(task), stdout: "ignore", stderr: "pipe" })
    const wall = performance.now() - from
    if (run.exitCode !== 0) throw new Error(`${task.command.join(" ")} failed: ${run.stderr}`)
    const processor = Number(run.resourceUsage?.cpuTime.total ?? Number.NaN) / 1000
    if (wall < best.wall) best = { wall, processor }
  }
  return best
}

/** Takes turns, so that whatever else the machine does falls on all of them. One round more to warm up. */
export function timings(tasks: readonly Task[], rounds: number): Timing[] {
  const taken: number[][] = tasks.map(() => [])
  for (let round = -1; round < rounds; round++) {
    for (const [n, task] of tasks.entries()) {
      const took = once(task)
      if (round >= 0) taken[n]?.push(took)
    }
  }
  return taken.map((all) => {
    const sorted = all.toSorted((a, b) => a - b)
    return { best: sorted[0] ?? Number.NaN, median: sorted[sorted.length >> 1] ?? Number.NaN }
  })
}

/**
 * Watches one run: most memory held at once, in bytes; null where it cannot be told. The resource usage of a child
 * starts with its parent's memory (it is inherited over exec), so the high-water mark the kernel keeps for the
 * program itself is read for as long as it runs.
 */
export async function use(task: Task): Promise<number | null> {
  task.before?.()
  const child = Bun.spawn({ ...options(task), stdout: "ignore", stderr: "ignore" })
  let memory: number | null = null
  while (child.exitCode === null && child.signalCode === null) {
    memory = highWater(child.pid) ?? memory
    await new Promise(setImmediate)
  }
  if (child.exitCode !== 0) throw new Error(`${task.command.join(" ")} failed`)
  return memory
}

function highWater(pid: number): number | null {
  try {
    const found = /^VmHWM:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "latin1"))?.[1]
    return found === undefined ? null : Number(found) * 1024
  } catch {
    return null
  }
}
