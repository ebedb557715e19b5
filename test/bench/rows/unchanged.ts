import { baselines, settled } from "../baselines.ts"
import { type Bench, compare } from "../bench.ts"
import { addSession, binary, formatBytes, newHome } from "../homes.ts"

/** The same again, when nothing has changed: nothing is copied, all is compared. */
export const unchanged: Bench = {
  name: "unchanged",
  async run(scale) {
    const place = newHome("unchanged")
    const id = addSession(place, scale.bytes(1e9))
    const command = [binary, "export", id, "--data-dir", place.data]
    const task = { command, env: { HOME: place.home }, before: settled() }
    const what = `export of ${formatBytes(scale.bytes(1e9))}, unchanged`
    const rows = await compare(what, task, await baselines(place, false, "kept"), scale.rounds(5))
    place.remove()
    return rows
  },
}
