import { rmSync } from "node:fs"
import { writeCorpus } from "../fixtures/corpus.ts"
import { type Task, timings, use } from "./measure.ts"
import type { Row } from "./table.ts"
import { addHollowSession, addSession, binary, compile, type Home, newHome } from "./workplace.ts"

export interface Sizes {
  readonly transcripts: number
  readonly copied: number
  readonly hollow: number
  readonly line: number
  readonly rounds: number
  readonly slowRounds: number
}

/** A row for each of `others`; how fast counts as a multiple of the other where `faster` is set. */
async function compare(
  what: string,
  task: Task,
  others: readonly { name: string; task: Task; wanted?: string; faster?: boolean }[],
  rounds: number,
): Promise<Row[]> {
  const [ours, ...theirs] = timings([task, ...others.map((other) => other.task)], rounds)
  if (ours === undefined) throw new Error("nothing was measured")
  const used = await use(task)
  return others.map(({ name, wanted, faster }, n) => {
    const time = theirs[n]?.best ?? Number.NaN
    const ratio = faster ? time / ours.best : ours.best / time
    return { what, ours: ours.best, against: name, theirs: time, ratio, wanted: wanted ?? null, ...used }
  })
}

export async function startUp({ rounds }: Sizes): Promise<Row[]> {
  const empty = { command: [await compile("empty.ts")] }
  const version = { command: [binary, "--version"] }
  return compare(
    "--version",
    version,
    [{ name: "an empty program", task: empty, wanted: "≤ 3×" }],
    rounds * 4,
  )
}

export async function status(sizes: Sizes): Promise<Row[]> {
  const [ps, proc] = [await compile("ps-and-stat.ts"), await compile("proc-and-stat.ts")]
  const count = sizes.transcripts
  const rows: Row[] = []
  for (const { age, days, wanted } of [
    { age: "old", days: [8, 22] as const, wanted: "≤ 1.5×" },
    { age: "about to be purged", days: [40, 80] as const, wanted: null },
  ]) {
    const place = newHome(`status-${days[0]}`)
    writeCorpus(place.client, { seed: days[0], count, days })
    const env = { HOME: place.home }
    const task = { command: [binary, "status", "--data-dir", place.data], env }
    const others = [
      { name: "ps-list + stat", task: { command: [ps], env }, ...(wanted ? { wanted } : {}) },
      { name: "/proc + stat", task: { command: [proc], env } },
    ]
    rows.push(...(await compare(`status, ${count} transcripts ${age}`, task, others, sizes.rounds)))
    rmSync(place.home, { recursive: true })
  }
  return rows
}

function exporting(place: Home, id: string, first = place.forget): Task {
  const command = [binary, "export", id, "--data-dir", place.data]
  return { command, env: { HOME: place.home }, before: settledAfter(first) }
}

/** What an earlier run left to be written to the disk must not be paid for by the next. */
function settledAfter(first: () => void): () => void {
  return () => {
    first()
    Bun.spawnSync(["sync"])
  }
}

export async function copies(sizes: Sizes): Promise<Row[]> {
  const place = newHome("copies")
  const id = addSession(place, sizes.copied)
  const [source, copy] = [place.transcript(id), `${place.data}-by-hand`]
  const byHand: Task = {
    command: ["sh", "-c", 'cp "$1" "$2" && md5sum "$1" "$2"', "sh", source, copy],
    before: settledAfter(() => rmSync(copy, { force: true })),
  }
  const size = `${Math.round(sizes.copied / 1e6)} MB`
  const hash = { name: "sha256sum", task: { command: ["sha256sum", source] }, faster: true }
  const hand = { name: "cp, md5sum of both", task: byHand, wanted: "≥ 2.5×", faster: true }
  const rows = await compare(`export of ${size}`, exporting(place, id), [hand, hash], sizes.slowRounds)
  const again = exporting(place, id, () => {})
  rows.push(...(await compare(`the same again, unchanged`, again, [hash], sizes.slowRounds)))
  rmSync(copy, { force: true })
  place.forget()
  rmSync(place.home, { recursive: true })
  return rows
}

/** Transcripts that are hard on memory; the time is only to know. */
export async function memory(sizes: Sizes): Promise<Row[]> {
  const place = newHome("memory")
  const line = addSession(place, sizes.line * 2, sizes.line)
  const hollow = addHollowSession(place, sizes.hollow)
  const statusOfBoth = { command: [binary, "status", "--all"], env: { HOME: place.home } }
  const rows: Row[] = []
  for (const [what, task] of [
    [`export with a line of ${Math.round(sizes.line / 1e6)} MB`, exporting(place, line)],
    [`export of ${Math.round(sizes.hollow / 1e6)} MB, mostly NUL`, exporting(place, hollow)],
    ["status of these two", statusOfBoth],
  ] as const) {
    const ours = timings([task], 1)[0]?.best ?? Number.NaN
    const alone = { against: null, theirs: null, ratio: null, wanted: "≤ 150 MB" }
    rows.push({ what, ours, ...alone, ...(await use(task)) })
  }
  place.forget()
  rmSync(place.home, { recursive: true })
  return rows
}
