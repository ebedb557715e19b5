/** Faults of the network at each request of a send; and a cluster of three of which one node is killed. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import plugin from "../../../plugins/sink/sink-opensearch/index.ts"
import type { SinkPart } from "../../../src/sdk/contracts.ts"
import { type Fault, FaultProxy } from "../s3/fault-proxy.ts"
import { hasOpenSearch, OpenSearchCluster } from "../servers/opensearch.ts"
import { contextOf } from "./sink-of.ts"

/** What TLS does not keep from a client. */
const faults: readonly Fault[] = [
  ...(["cut-before", "cut-request", "cut-answer", "cut-body"] as const),
  ...(["503-before", "429-before", "500-after", "delay"] as const),
]

const partOf = (n: number): SinkPart => ({
  ...{ id: `part${n}`, owner: "alice", machine: "here", agent: "claude-code", session: "s1", title: null },
  ...{ project: "/work", role: "user", kind: "text", tool: null, isError: false },
  ...{ time: Date.UTC(2026, 10, 20), text: `zebra ${n}`, words: ["zebra", `${n}`] },
})

async function countOf(server: OpenSearchCluster, index: string, node = 0): Promise<number> {
  await server.ask("POST", `${index}/_refresh`, undefined, node)
  return Number((await server.ask("GET", `${index}/_count`, undefined, node)).count ?? 0)
}

describe.skipIf(!hasOpenSearch)("faults", () => {
  let server: OpenSearchCluster
  beforeAll(async () => {
    server = await OpenSearchCluster.start()
  })
  afterAll(() => server.dispose())

  test("at each request: every part is there once, and what was forgotten is not", async () => {
    const proxy = await FaultProxy.start(server.url)
    const wrong: string[] = []
    let injected = 0
    try {
      for (const fault of faults)
        for (let at = 0, more = true; more; at++) {
          const index = `f-${fault}-${at}`
          const context = contextOf(plugin, { url: proxy.url, index, patience: 30 })
          proxy.plan(at, fault)
          try {
            await plugin.prepare(context)
            await plugin.add([1, 2, 3].map(partOf), context)
            const { total } = await plugin.search(
              {
                ...{ query: null, owner: null, sessions: [], folders: [], folderText: null, role: null },
                ...{ agent: null, tool: null, since: null, until: null, limit: 10 },
              },
              context,
            )
            const there = await countOf(server, index)
            const gone = await plugin.forget("alice", "s1", context)
            const left = await countOf(server, index)
            if (total !== 3 || there !== 3 || gone > 3 || left !== 0)
              wrong.push(
                `${fault} at ${at} (${proxy.struck}): ${total} found, ${there} there, ${gone} removed, ${left} left`,
              )
          } catch (error) {
            wrong.push(`${fault} at ${at} (${proxy.struck}): ${error}`)
          }
          if (proxy.struck !== null) injected++
          more = proxy.count > at
          await server.ask("DELETE", `${index}-2026-11,${index}-forgotten`)
        }
    } finally {
      proxy.dispose()
    }
    expect(wrong).toEqual([])
    expect(injected).toBeGreaterThan(80)
  }, 300_000)
})

describe.skipIf(!hasOpenSearch)("a cluster of three", () => {
  test("a node is killed while parts are sent: what was taken is all there", async () => {
    const server = await OpenSearchCluster.start(3)
    try {
      // not the one that is killed
      const context = contextOf(plugin, { url: server.nodes[1]?.url, index: "team", patience: 60 })
      await plugin.prepare(context)
      const sending = async (from: number) => {
        for (let n = from; n < from + 2000; n += 100)
          await plugin.add(
            Array.from({ length: 100 }, (_, k) => partOf(n + k)),
            context,
          )
      }
      await sending(0)
      await server.ask("GET", "_cluster/health?wait_for_status=green&timeout=60s")
      const rest = sending(2000)
      await server.kill(0)
      await rest
      expect(await countOf(server, "team", 1)).toBe(4000)
    } finally {
      await server.dispose()
    }
  }, 240_000)
})
