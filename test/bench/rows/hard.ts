import { settled } from "../baselines.ts"
import { type Bench, compare } from "../bench.ts"
import { addSession, addSparseSession, binary, newHome, saySize } from "../workplace.ts"

/** Transcripts that are hard on memory. */
export const hard: Bench = {
  name: "hard",
  async run(scale) {
    const place = newHome("hard")
    const line = scale.bytes(12e6)
    const long = addSession(place, line * 2, line)
    const sparse = addSparseSession(place, scale.bytes(2e9))
    const env = { HOME: place.home }
    const exporting = (id: string) => {
      return { command: [binary, "export", id, "--data-dir", place.data], env, before: settled(place.data) }
    }
    const status = { command: [binary, "status", "--all", "--data-dir", place.data], env }
    const rows = [
      ...(await compare(`export with a line of ${saySize(line)}`, exporting(long), [], 1)),
      ...(await compare(`export of ${saySize(scale.bytes(2e9))}, mostly NUL`, exporting(sparse), [], 1)),
      ...(await compare("status of these two", status, [], scale.rounds(5))),
    ]
    place.remove()
    return rows
  },
}
