import { writeCorpus } from "../../fixtures/talk/corpus.ts"
import { baselines, copyAndCompare, settled } from "../baselines.ts"
import { type Baseline, type Bench, compare, type Row, type Scale } from "../bench.ts"
import { binary, compile, type Home, newHome } from "../homes.ts"

/** Many small sessions: each is flushed, published and has its manifest; a group of them at a time. */
export const small: Bench = {
  name: "small",
  async run(scale) {
    const place = newHome("small")
    const count = scale.count(1000)
    writeCorpus(place.client, { seed: 3, count, projects: 1 })
    const what = `export of ${count.toLocaleString("en")} small sessions`
    const against = [{ ...copyAndCompare(place), wanted: 1.5 }, ...(await baselines(place, false))]
    const rows = await compare(what, exportAll(place), against, scale.rounds(3))
    rows.push(...(await again(place, scale)))
    rows.push(...(await onSlowDisk(place, scale, what)))
    place.remove()
    return rows
  },
}

const exportAll = (place: Home) => ({
  command: [binary, "export", "--all", "--data-dir", place.data],
  env: { HOME: place.home },
  before: settled(place.data),
})

/** Nothing changed: neither they nor their copies are read. */
function again(place: Home, scale: Scale): Promise<Row[]> {
  const kept = { ...exportAll(place), before: settled() }
  const verify = { ...kept, command: [...kept.command, "--verify"] }
  const reading: Baseline = { name: "the same with --verify", task: verify, means: "as fast" }
  return compare(`… unchanged`, kept, [reading], scale.rounds(3))
}

const flushMs = 5

/** Every flush takes longer, as on a disk that turns: strace delays it, for both alike. */
async function onSlowDisk(place: Home, scale: Scale, what: string): Promise<Row[]> {
  const calls = "fsync,fdatasync,syncfs"
  const slowly = (command: readonly string[]) => [
    ...["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", `trace=${calls}`],
    ...["-e", `inject=${calls}:delay_exit=${flushMs * 1000}`, ...command],
  ]
  if (Bun.which("strace") === null) return []
  const ours = exportAll(place)
  const each = [await compile("flush-each.ts"), place.transcripts, place.copy]
  const floor: Baseline = {
    name: "each copied and flushed by itself",
    task: { command: slowly(each), before: settled(place.copy) },
    means: "as fast",
    wanted: 10,
  }
  const task = { ...ours, command: slowly(ours.command) }
  return await compare(`${what}, a flush takes ${flushMs} ms`, task, [floor], scale.rounds(1))
}
