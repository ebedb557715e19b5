import { faultsOfParts, faultsOfPull, faultsOfPush } from "./faults.ts"

let injected = 0
let wrong = 0
for (const [name, run] of Object.entries({ push: faultsOfPush, pull: faultsOfPull, parts: faultsOfParts })) {
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
