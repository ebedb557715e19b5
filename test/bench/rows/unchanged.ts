import { baselines, settled } from "../baselines.ts"
import { type Baseline, type Bench, compare } from "../bench.ts"
import { addSession, binary, formatBytes, newHome } from "../homes.ts"

/** The same again, when nothing has changed: nothing is copied. With `--verify` all is compared, without it nothing read. */
export const unchanged: Bench = {
  name: "unchanged",
  async run(scale) {
    const place = newHome("unchanged")
    const id = addSession(place, scale.bytes(1e9))
    const command = [binary, "export", id, "--data-dir", place.data]
    const recorded = { command, env: { HOME: place.home }, before: settled() }
    const verify = { ...recorded, command: [...command, "--verify"] }
    const what = `export of ${formatBytes(scale.bytes(1e9))}, unchanged`
    const against = await baselines(place, false, "kept")
    const rows = await compare(`${what}, --verify`, verify, against, scale.rounds(5))
    const reading: Baseline = { name: "the same with --verify", task: verify, means: "as fast", wanted: 2 }
    rows.push(...(await compare(what, recorded, [reading], scale.rounds(5))))
    place.remove()
    return rows
  },
}
