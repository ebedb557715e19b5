/** What a bench is made of. To add one: a file in rows/, and a line in rows/index.ts. */
import { type Task, type Timing, timings, use } from "./measure.ts"

export interface Bench {
  /** What `bun run bench NAME` calls it. */
  readonly name: string
  run(scale: Scale): Promise<readonly Row[]>
}

/** How much of the full size is wanted: a test of the bench itself makes do with little. */
export interface Scale {
  bytes(full: number): number
  count(full: number): number
  rounds(full: number): number
}

export const full: Scale = { bytes: (n) => n, count: (n) => n, rounds: (n) => n }
export const tiny: Scale = { bytes: (n) => n / 50, count: (n) => Math.ceil(n / 100), rounds: () => 1 }

export interface Row {
  readonly what: string
  readonly ours: Timing
  /** What else was run in turns with it; null: measured alone. */
  readonly against: string | null
  readonly theirs: Timing | null
  /** Best against best: how many times as fast, or how many times as long it took. */
  readonly ratio: number | null
  readonly means: "as fast" | "as long"
  /** What the project promises: at least so many times as fast, at most so many times as long. */
  readonly wanted: number | null
  /** Why the other could not be run. */
  readonly skipped: string | null
  /** Most memory held at once, in bytes; null where it cannot be told. */
  readonly memory: number | null
  /** How much of it is allowed, in bytes. */
  readonly wantedMemory: number
}

/** In every row but those that say otherwise. */
const usualMemory = 100e6

export interface Baseline {
  readonly name: string
  /** A text says why it cannot be run. */
  readonly task: Task | string
  readonly means: "as fast" | "as long"
  readonly wanted?: number
}

/** Runs a task and its baselines in turns; a row for each baseline. */
export async function compare(
  what: string,
  task: Task,
  against: readonly Baseline[],
  rounds: number,
  wantedMemory = usualMemory,
): Promise<Row[]> {
  const able = against.filter((each) => typeof each.task !== "string")
  const [ours, ...others] = timings([task, ...able.map((each) => each.task as Task)], rounds)
  if (ours === undefined) throw new Error("nothing was measured")
  const memory = await peak(task, ours.best)
  const rows = against.map(({ name, task: other, means, wanted = null }) => {
    const theirs = others[able.findIndex((each) => each.name === name)] ?? null
    const skipped = typeof other === "string" ? other : null
    return {
      what,
      ours,
      against: name,
      theirs,
      ratio: ratioOf(ours, theirs, means),
      means,
      wanted,
      skipped,
      memory,
      wantedMemory,
    }
  })
  const alone = { ratio: null, means: "as long", wanted: null, skipped: null } as const
  return rows.length > 0
    ? rows
    : [{ what, ours, against: null, theirs: null, ...alone, memory, wantedMemory }]
}

/** Where a run is short, no single watch of it is sure to see the peak: the highest of several. */
async function peak(task: Task, duration: number): Promise<number | null> {
  const seen: number[] = []
  for (let watches = duration < 50 ? 15 : duration < 1000 ? 3 : 1; watches > 0; watches--)
    seen.push((await use(task)) ?? 0)
  return Math.max(...seen) || null
}

/** Two measurements of this run set against each other. */
export function setAgainst(ours: Row, name: string, theirs: Row, wanted: number): Row {
  const means = "as long"
  const ratio = ratioOf(ours.ours, theirs.ours, means)
  return { ...ours, against: name, theirs: theirs.ours, ratio, means, wanted, skipped: null }
}

/** Against a promise that is a time of its own, in milliseconds. */
export function setAgainstTime(ours: Row, name: string, wanted: number): Row {
  return setAgainst(ours, name, { ...ours, ours: { best: wanted, median: wanted } }, 1)
}

function ratioOf(ours: Timing, theirs: Timing | null, means: Row["means"]): number | null {
  if (theirs === null) return null
  return means === "as fast" ? theirs.best / ours.best : ours.best / theirs.best
}

/** What was promised and not kept, in words. */
export function notMet(rows: readonly Row[]): string[] {
  const times = rows.flatMap(({ what, against, ratio, means, wanted }) => {
    if (ratio === null || wanted === null) return []
    const met = means === "as fast" ? ratio >= wanted : ratio <= wanted
    return met ? [] : [`${what}, against ${against}: ${ratio.toFixed(2)}×, wanted ${bound(means, wanted)}`]
  })
  const heavy = new Map(
    rows.flatMap(({ what, memory, wantedMemory }) =>
      memory !== null && memory > wantedMemory ? [[what, memory]] : [],
    ),
  )
  return [...times, ...[...heavy].map(([what, bytes]) => `${what}: ${Math.round(bytes / 1e6)} MB of memory`)]
}

export function bound(means: Row["means"], wanted: number): string {
  return `${means === "as fast" ? "≥" : "≤"} ${wanted}×`
}
