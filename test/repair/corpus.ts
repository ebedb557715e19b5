/**
 * Repairs a corpus of damaged transcripts and says what does not hold: `bun run test/repair/corpus.ts 2000`. With a second
 * number, from that seed on. Starts nothing and writes nothing.
 */
import { damaged, judge } from "./mutations.ts"

const [wanted = "2000", first = "0"] = process.argv.slice(2)
let wrong = 0
for (let seed = Number(first); seed < Number(first) + Number(wanted); seed++) {
  const each = damaged(seed)
  for (const why of judge(each)) {
    wrong++
    console.log(`seed ${seed} (${each.what.join(", ")}): ${why.slice(0, 300)}`)
  }
}
console.log(`${wanted} damaged transcripts, ${wrong} wrong`)
process.exitCode = wrong === 0 ? 0 : 1
