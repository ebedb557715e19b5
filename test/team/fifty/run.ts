/** `npm run test:team-fifty [HOMES] [SESSIONS] [DAY] [--store]`: what a team costs an index and a store, in figures. */

import { hasOpenSearch } from "../servers/opensearch.ts"
import { OpenSearchIndex } from "../sink/opensearch-index.ts"
import { type Cost, simulate } from "./simulate.ts"

if (!hasOpenSearch) process.exit(1)
const numbers = process.argv.slice(2).flatMap((each) => (/^\d+$/.test(each) ? [Number(each)] : []))
const [homes = 50, before = 190, day = 10] = numbers
const server = await OpenSearchIndex.start()
try {
  const from = performance.now()
  const store = process.argv.includes("--store")
  const { wrong, queryMs, ...costs } = await simulate(server, { homes, before, day, store })
  const bytes = await server.bytes("fifty")
  const [cpu] = server.server.cpuSeconds()
  print("before", costs.before)
  print("the day", costs.day)
  console.log(
    `index on disk ${kb(bytes)}, the server's processor ${cpu?.toFixed(1)} s, cxq --team ${queryMs.toFixed(0)} ms (middle)`,
  )
  console.log(`${((performance.now() - from) / 1000).toFixed(0)} s, ${wrong.length} wrong`)
  for (const each of wrong.slice(0, 20)) console.log(`  ${each}`)
  process.exitCode = wrong.length === 0 ? 0 : 1
} finally {
  await server.dispose()
}

function print(name: string, { sessions, parts, transcriptBytes, sink, store, seconds }: Cost): void {
  console.log(`${name}: ${sessions} sessions, ${kb(transcriptBytes)} of transcripts, ${parts} parts`)
  console.log(`  index: ${sink.requests} requests, ${kb(sink.sent)} sent, ${kb(sink.received)} received`)
  console.log(`  store: ${store.requests} requests, ${kb(store.bytes)} kept`)
  const { index, send, push } = seconds
  console.log(
    `  seconds: ${index.toFixed(1)} export and index, ${send.toFixed(1)} send, ${push.toFixed(1)} push`,
  )
}

function kb(bytes: number): string {
  return `${Math.round(bytes / 1024)} KB`
}
