/** What a client that crashed leaves running, while the conversation goes on in a new one, as people do at once. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { isolated } from "../../guard.ts"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { registered } from "../driving/client-files.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { childrenOf, isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { mcpServer } from "../mock/mcp-server.ts"

setDefaultTimeout(90_000)
const hook = { hooks: [{ type: "command", command: "sleep 9881" }] }

interface Leftover {
  readonly pid: number
  readonly kind: string
  readonly standing: string
  readonly session: string
  readonly outcome: string
}

await eachClient("leftovers", withRegistry, (real) => {
  let scratch: ScratchHome
  let old: { pid: number; id: string; server: number; tool: number; detached: number }
  let fresh: Client
  let freshServer: number

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["shop", "hooked"])
    const shop = scratch.folder("shop")
    writeFileSync(join(shop, "server.js"), mcpServer)
    const servers = { mcpServers: { m: { command: "node", args: ["server.js"] } } }
    writeFileSync(join(shop, "mcp.json"), JSON.stringify(servers))
    const args = `${mayRun} --mcp-config mcp.json`
    const first = await openClient(scratch, "shop", args)
    const server = await until("its server", () => childOf(first.pid, "node server.js"))
    await first.chat("good morning")
    const pidFile = join(scratch.root, "detached")
    const command = `(setsid sh -c 'echo $$ > ${pidFile}; exec sleep 9882' < /dev/null > /dev/null 2>&1 &); tail -f /dev/null`
    await first.ask(`serve it @@tool Bash ${JSON.stringify({ command, description: "d" })}`)
    const tool = await until("its tool", () => childOf(first.pid, "tail -f"))
    const detached = await until("what it left to itself", async () =>
      Number(
        await Bun.file(pidFile)
          .text()
          .catch(() => ""),
      ),
    )
    const id = registered(scratch.home, first.pid)?.sessionId ?? ""
    old = { pid: first.pid, id, server, tool, detached }
    await first.kill("SIGKILL")
    fresh = await openClient(scratch, "shop", `${args} --resume ${id}`)
    freshServer = await until("the new server", () => childOf(fresh.pid, "node server.js"))
    await until("the session to be held again", () => registered(scratch.home, fresh.pid)?.sessionId === id)
  })
  afterAll(() => scratch?.close())

  const commandOf = (pid: number) => readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ")
  const childOf = (pid: number, command: string) =>
    childrenOf(pid).find((child) => isAlive(child) && commandOf(child).includes(command))
  const list = async () => {
    const outcome = await scratch.product("reap", "--dry-run", "--json", "--data-dir", scratch.data)
    return new Map(outcome.json<{ leftovers: Leftover[] }>().leftovers.map((each) => [each.pid, each]))
  }

  test("doctor names what the old client has left", async () => {
    const { stdout } = await scratch.product("doctor", "--data-dir", scratch.data)
    for (const pid of [old.server, old.tool]) expect(stdout).toContain(`${pid} (`)
    expect(stdout).not.toContain(`${freshServer} (`)
  })

  test("the old server and the old tool are certain, what the tool left to itself is not; nothing is the new client's", async () => {
    const seen = await list()
    const of = (pid: number) => seen.get(pid)
    expect(of(old.server)).toMatchObject({ kind: "server", standing: "certain", session: old.id })
    expect(of(old.tool)).toMatchObject({ kind: "tool", standing: "certain", session: old.id })
    expect(of(old.detached)).toMatchObject({ kind: "other", standing: "unsure" })
    expect([seen.has(freshServer), seen.has(fresh.pid)]).toEqual([false, false])
  })

  test.skipIf(!isolated)("reap ends those that are certain, and the conversation goes on", async () => {
    const outcome = await scratch.product("reap", "--force", "--data-dir", scratch.data)
    expect([outcome.code, outcome.stderr]).toEqual([0, ""])
    const lives = [old.server, old.tool, old.detached, fresh.pid, freshServer].map(isAlive)
    expect(lives).toEqual([false, false, true, true, true])
    await fresh.chat("and you are still there")
  })

  test("a hook at work outlives its client, too", async () => {
    const folder = join(scratch.folder("hooked"), ".claude")
    await Bun.write(join(folder, "settings.json"), JSON.stringify({ hooks: { Stop: [hook] } }))
    const client = await openClient(scratch, "hooked", mayRun)
    await client.ask("good evening")
    const pid = await until("its hook", () => childOf(client.pid, "sleep 9881"))
    expect((await list()).has(pid)).toBe(false)
    await client.kill("SIGKILL")
    // on a busy machine the kernel takes a moment to close what the client had open
    await until("it to be a hook cut off", async () => (await list()).get(pid)?.kind === "hook")
    expect((await list()).get(pid)).toMatchObject({ kind: "hook", standing: "certain" })
  })
})
