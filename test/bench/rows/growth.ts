import { writeMessages } from "../../fixtures/talk/messages.ts"
import { type Bench, compare, type Row, setAgainst, setAgainstTime } from "../bench.ts"
import { binary, newHome } from "../homes.ts"

/**
 * How much slower answers become with ten times as many messages. Ten million need half an hour and 15 GB:
 * `BENCH_MESSAGES=1000000 bun run bench growth` measures one, three and ten million. By default a tenth of that.
 */
const fewest = Number(process.env.BENCH_MESSAGES ?? 100_000)

/** Ten times as many messages take at most twice as long; a beginning of a word among a million, 300 ms. */
const growth = 2
const patience = 300
const memory = 250e6

const queries = [
  ["a rare word", ["rareneedle"]],
  ["the commonest word", ["the"]],
  ["a beginning of one letter", ["b*"]],
  ["a beginning of two letters", ["ba*"]],
  ["the newest 20", ["--recent", "20"]],
] as const

export const growing: Bench = {
  name: "growth",
  async run(scale) {
    const rows: Row[] = []
    const first = new Map<string, Row>()
    for (const times of [1, 3, 10]) {
      const place = newHome("growth")
      const messages = scale.count(times * fewest)
      const needles = new Map([[Math.floor(messages / 2), "rareneedle"]])
      writeMessages(place.client, { seed: 3, messages, needles })
      const env = { HOME: place.home }
      const made = Bun.spawnSync({
        cmd: [binary, "cx", "--live", "--data-dir", place.data],
        env: { ...process.env, ...env },
      })
      if (made.exitCode !== 0) throw new Error(`the index was not made: ${made.stderr}`)
      for (const [what, query] of queries) {
        const command = [binary, "cxq", ...query, "--no-refresh", "--data-dir", place.data, "--json"]
        const name = `${what} in ${messages.toLocaleString("en")} messages`
        const [row] = await compare(name, { command, env }, [], scale.rounds(7), memory)
        if (row === undefined) continue
        const fewer = first.get(what)
        if (times === 1) first.set(what, row)
        rows.push(row)
        if (times === 10 && fewer !== undefined) rows.push(setAgainst(row, "a tenth of them", fewer, growth))
        if (messages === 1_000_000 && what.startsWith("a beginning"))
          rows.push(setAgainstTime(row, `${patience} ms`, patience))
      }
      place.remove()
    }
    return rows
  },
}
