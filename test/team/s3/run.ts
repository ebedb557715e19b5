import { faults } from "./fault-proxy.ts"
import { faultsOfParts, faultsOfPull, faultsOfPush } from "./faults.ts"

let injected = 0
let wrong = 0
// an upload in parts is large: what is answered before anything was done is the same for all requests
const ofParts = faults.filter((each) => !["503-before", "429-before", "delay", "lie-length"].includes(each))
const runs = { push: () => faultsOfPush(), pull: () => faultsOfPull(), parts: () => faultsOfParts(ofParts) }
for (const [name, run] of Object.entries(runs)) {
  const from = performance.now()
  const count = await run()
  injected += count.injected
  wrong += count.wrong.length
  const seconds = ((performance.now() - from) / 1000).toFixed(1)
  console.log(`${name}: ${count.injected} faults, ${count.wrong.length} wrong, ${seconds} s`)
  for (const each of count.wrong) console.log(`  ${each}`)
}
console.log(`${injected} faults injected, ${wrong} wrong results`)
process.exit(wrong === 0 && injected >= 300 ? 0 : 1)
