import { settled } from "../baselines.ts"
import { type Bench, compare, type Row, type Scale } from "../bench.ts"
import { addSession, addSparseSession, binary, formatBytes, newHome } from "../homes.ts"

/** Each is large enough to be hashed in a thread of its own: what one took must be given back for the next. */
async function several(scale: Scale): Promise<readonly Row[]> {
  const place = newHome("several")
  const count = scale.count(30)
  const size = scale.bytes(20e6)
  for (let made = 0; made < count; made++) addSession(place, size)
  const command = [binary, "export", "--all", "--data-dir", place.data]
  const task = { command, env: { HOME: place.home }, before: settled(place.data) }
  const rows = await compare(`export of ${count} sessions of ${formatBytes(size)}`, task, [], 1)
  place.remove()
  return rows
}

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
      ...(await compare(`export with a line of ${formatBytes(line)}`, exporting(long), [], 1)),
      ...(await compare(`export of ${formatBytes(scale.bytes(2e9))}, mostly NUL`, exporting(sparse), [], 1)),
      ...(await compare("status of these two", status, [], scale.rounds(5))),
    ]
    place.remove()
    return [...rows, ...(await several(scale))]
  },
}
