import { baselines, diskAlone, settled } from "../baselines.ts"
import { type Bench, compare, type Row } from "../bench.ts"
import { addSession, binary, formatBytes, newHome } from "../homes.ts"

/** One session, copied, flushed, compared and hashed: the promise is at 1 GB. */
export const exporting: Bench = {
  name: "export",
  async run(scale) {
    const rows: Row[] = []
    for (const { bytes, rounds, promised } of [
      { bytes: 1e6, rounds: 15, promised: false },
      { bytes: 100e6, rounds: 9, promised: false },
      { bytes: 1e9, rounds: 7, promised: true },
      { bytes: 2e9, rounds: 3, promised: false },
    ]) {
      const place = newHome("export")
      const id = addSession(place, scale.bytes(bytes))
      const command = [binary, "export", id, "--data-dir", place.data]
      const task = { command, env: { HOME: place.home }, before: settled(place.data) }
      const what = `export of ${formatBytes(scale.bytes(bytes))}`
      const against = [...(await baselines(place, promised)), ...(bytes < 100e6 ? [] : [diskAlone(place)])]
      rows.push(...(await compare(what, task, against, scale.rounds(rounds))))
      place.remove()
    }
    return rows
  },
}
