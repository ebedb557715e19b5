import { writeCorpus } from "../../fixtures/talk/corpus.ts"
import { baselines, settled } from "../baselines.ts"
import { type Bench, compare } from "../bench.ts"
import { binary, newHome } from "../homes.ts"

/** Many small sessions: every one is flushed, published and has its manifest. */
export const small: Bench = {
  name: "small",
  async run(scale) {
    const place = newHome("small")
    const count = scale.count(1000)
    writeCorpus(place.client, { seed: 3, count, projects: 1 })
    const command = [binary, "export", "--all", "--data-dir", place.data]
    const task = { command, env: { HOME: place.home }, before: settled(place.data) }
    const what = `export of ${count.toLocaleString("en")} small sessions`
    const rows = await compare(what, task, await baselines(place, false), scale.rounds(3))
    place.remove()
    return rows
  },
}
