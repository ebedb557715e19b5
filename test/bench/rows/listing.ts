import { writeCorpus } from "../../fixtures/talk/corpus.ts"
import { type Bench, compare, type Row, type Scale, setAgainst } from "../bench.ts"
import { binary, compile, type Home, newHome } from "../homes.ts"

const days = [8, 22] as const
const wantedMemory = 150e6

/** Listing every session there is, with and without an index that knows their transcripts. */
export const listing: Bench = {
  name: "listing",
  async run(scale) {
    const some = await listed(scale, 3000, [3000, 400_000], withAndWithoutIndex)
    const many = await listed(scale, 10_000, [3000, 6000], withoutIndex)
    const most = await listed(scale, 100_000, [3000, 6000], withoutIndex)
    const [ours] = most
    const [fewer] = many
    const growth = ours && fewer ? [setAgainst(ours, "a tenth of them", fewer, 10)] : []
    return [...some, ...many, ...most, ...growth]
  },
}

type Measure = (place: Home, count: number, rounds: number) => Promise<readonly Row[]>

async function listed(
  scale: Scale,
  transcripts: number,
  bytes: readonly [number, number],
  measure: Measure,
): Promise<readonly Row[]> {
  const count = scale.count(transcripts)
  const place = newHome("listing")
  try {
    writeCorpus(place.client, { seed: count, count, days, bytes })
    return await measure(place, count, scale.rounds(transcripts > 10_000 ? 1 : 9))
  } finally {
    place.remove()
  }
}

async function withAndWithoutIndex(place: Home, count: number, rounds: number): Promise<readonly Row[]> {
  const env = { HOME: place.home }
  const what = (more: string) => `status --all, ${count.toLocaleString("en")} transcripts, ${more}`
  const indexed = ["--data-dir", place.data]
  const read = Bun.spawnSync([binary, "cx", "--live", ...indexed], { env: { ...process.env, ...env } })
  if (read.exitCode !== 0) throw new Error(`cx --live failed: ${read.stderr}`)
  const least = { command: [await compile("ps-and-stat.ts")], env }
  const reading = { command: [await compile("read-all.ts")], env }
  const all = { command: [binary, "status", "--all", ...indexed], env }
  const unindexed = { command: [binary, "status", "--all", "--data-dir", `${place.data}-none`], env }
  return [
    ...(await compare(
      what("in the index"),
      all,
      [{ name: "ps-list + stat", task: least, means: "as long", wanted: 2.5 }],
      rounds,
      wantedMemory,
    )),
    ...(await compare(
      what("no index"),
      unindexed,
      [{ name: "open and read each", task: reading, means: "as long", wanted: 1.5 }],
      rounds,
      wantedMemory,
    )),
  ]
}

async function withoutIndex(place: Home, count: number, rounds: number): Promise<readonly Row[]> {
  const command = [binary, "status", "--all", "--data-dir", place.data]
  const what = `status --all, ${count.toLocaleString("en")} transcripts, no index`
  return compare(what, { command, env: { HOME: place.home } }, [], rounds, wantedMemory)
}
