import { type Bench, compare } from "../bench.ts"
import { binary, compile } from "../homes.ts"

/** What starting costs before anything is done. */
export const start: Bench = {
  name: "start",
  async run(scale) {
    const empty = { command: [await compile("empty.ts")] }
    const against = [{ name: "an empty program", task: empty, means: "as long", wanted: 1.5 }] as const
    return compare("--version", { command: [binary, "--version"] }, against, scale.rounds(60))
  },
}
