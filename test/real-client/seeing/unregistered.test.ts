/** Clients whose registry files another program deleted, two in one folder: what they have started tells them apart. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, openClient } from "../driving/client.ts"
import { registered } from "../driving/client-files.ts"
import { end } from "../driving/killing.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { childrenOf, isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { mcpServer } from "../mock/mcp-server.ts"

setDefaultTimeout(60_000)

await eachClient("without their registry files", withRegistry, (real) => {
  let scratch: ScratchHome
  let clients: Client[]
  const ids = new Map<number, string>()

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["shared"])
    const folder = scratch.folder("shared")
    writeFileSync(join(folder, "server.js"), mcpServer)
    writeFileSync(join(folder, "mcp.json"), '{"mcpServers":{"m":{"command":"node","args":["server.js"]}}}')
    clients = [
      await openClient(scratch, "shared", "--mcp-config mcp.json"),
      await openClient(scratch, "shared", "--mcp-config mcp.json"),
    ]
    for (const [index, client] of clients.entries()) {
      await client.chat(`good morning ${index}`)
      await until("its server", () => childrenOf(client.pid).length > 0)
      ids.set(client.pid, (await client.says("idle")).sessionId)
    }
    for (const { pid } of clients) rmSync(join(scratch.home, `.claude/sessions/${pid}.json`))
  })
  afterAll(() => scratch?.close())

  test("each is matched with its own session, and none is called crashed", async () => {
    const { sessions } = await scratch.status("--all")
    const found = sessions.map(({ pid, id, state }) => ({ pid, id, state }))
    const expected = clients.map(({ pid }) => ({ pid, id: ids.get(pid) ?? "", state: "ACTIVE" as const }))
    expect(found.toSorted((a, b) => (a.pid ?? 0) - (b.pid ?? 0))).toEqual(
      expected.toSorted((a, b) => a.pid - b.pid),
    )
  })

  test("one is ended by its id, the other lives", async () => {
    const [first, second] = clients as [Client, Client]
    rmSync(join(scratch.home, `.claude/sessions/${first.pid}.json`), { force: true })
    expect(registered(scratch.home, first.pid)).toBeUndefined()
    const kill = await end(scratch, first)
    expect(kill).toMatchObject({ id: ids.get(first.pid), outcome: "ended" })
    expect(isAlive(second.pid)).toBe(true)
  })
})
