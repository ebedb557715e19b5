import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { asking, type Client, mayRun, openClient } from "../driving/client.ts"
import { projectFolder, registered, transcriptOf, transcriptsOf } from "../driving/client-files.ts"
import { end, expectNothingLost, expectUsable } from "../driving/killing.ts"
import { eachEntry, withRegistry } from "../harness/each-client.ts"
import { childrenOf, commandOf, isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { mcpServer } from "../mock/mcp-server.ts"

setDefaultTimeout(60_000)
const sleeping = '@@tool Bash {"command":"tail -f /dev/null","description":"d"}'

await eachEntry("kill", withRegistry, (real) => {
  let scratch: ScratchHome
  let idle: Client, busy: Client, permission: Client, tool: Client, suspended: Client, unspoken: Client

  beforeAll(async () => {
    const folders = ["idle", "busy", "permission", "tool", "suspended", "unspoken"]
    scratch = await openScratchHome(real.executable, folders)
    writeFileSync(join(scratch.folder("idle"), "server.js"), mcpServer)
    // below a wrapper, as npx is one: the client ends only that
    const mcp = { mcpServers: { m: { command: "sh", args: ["-c", "node server.js; true"] } } }
    writeFileSync(join(scratch.folder("idle"), "mcp.json"), JSON.stringify(mcp))
    const args: Record<string, string> = { idle: "--mcp-config mcp.json", permission: asking }
    const opened = folders.map((folder) => openClient(scratch, folder, args[folder] ?? mayRun))
    ;[idle, busy, permission, tool, suspended, unspoken] = (await Promise.all(opened)) as [
      Client,
      Client,
      Client,
      Client,
      Client,
      Client,
    ]
    await Promise.all([
      idle.chat("good morning"),
      busy.ask("think about it @@hang"),
      permission.ask('may you @@tool Bash {"command":"touch x","description":"d"}'),
      tool.ask(`do it yourself ${sleeping}`),
      suspended.ask("wait for it @@hang"),
    ])
    await suspended.recorded("wait for it @@hang") // stopped before, it would have nothing on disk
    suspended.terminal.keys("C-z")
    await Promise.all([
      permission.says("waiting"),
      tool.runs("tail -f /dev/null"),
      suspended.terminal.shows("Stopped"),
      unspoken.says("idle"),
    ])
  })
  afterAll(() => scratch?.close())

  const transcript = (client: Client) => transcriptsOf(scratch.home, client.cwd)[0]

  test("one that waits for you is ended, its MCP server is named, and the terminal is a shell's", async () => {
    await idle.says("idle")
    const isServer = (pid: number) => commandOf(pid) === "node server.js"
    const serverPid = await until("its server", () => childrenOf(idle.pid).flatMap(childrenOf).find(isServer))
    const kill = await end(scratch, idle)
    expect(kill).toMatchObject({ outcome: "ended", reason: null, terminal: null })
    expect(kill.survivors).toContainEqual({ pid: serverPid, command: "node server.js" })
    expect(isAlive(serverPid)).toBe(true)
    expectNothingLost(kill, transcript(idle))
    await expectUsable(idle.terminal)
  })

  test("one in the middle of a turn is ended", async () => {
    const kill = await end(scratch, busy)
    expect(kill.outcome).toBe("ended")
    expectNothingLost(kill, transcript(busy))
    await expectUsable(busy.terminal)
  })

  test("one that asks for permission is ended", async () => {
    const kill = await end(scratch, permission)
    expect(kill.outcome).toBe("ended")
    expectNothingLost(kill, transcript(permission))
    await expectUsable(permission.terminal)
  })

  test("one whose tool runs is ended, with what it has started", async () => {
    const kill = await end(scratch, tool, "--tree")
    expect([kill.outcome, kill.survivors]).toEqual(["ended", []])
    expectNothingLost(kill, transcript(tool))
    await expectUsable(tool.terminal)
  })

  // woken in the background it wants its terminal and is stopped again at once, whatever it has still to say
  test("one suspended by Ctrl-Z is killed at once, however long its grace, and its shell goes on", async () => {
    const kill = await end(scratch, suspended, "--grace", "1h")
    expect([kill.outcome, kill.terminal]).toEqual(["killed", "manual"])
    expectNothingLost(kill, transcript(suspended))
    await expectUsable(suspended.terminal)
  })

  test("one that was never spoken to is ended: there is nothing to lose", async () => {
    const { sessionId, cwd } = registered(scratch.home, unspoken.pid) ?? { sessionId: "", cwd: "" }
    const kill = await end(scratch, unspoken)
    expect(kill).toMatchObject({ id: sessionId, outcome: "ended", export: { status: "empty" } })
    const left = transcriptOf(scratch.home, { sessionId, cwd })
    if (left === undefined)
      expect([kill.exportsAfter, projectFolder(scratch.home, cwd)]).toEqual([[], expect.any(String)])
    else expectNothingLost(kill, left)
    await expectUsable(unspoken.terminal)
  })

  test("all of them are resumable sessions afterwards, and none runs", async () => {
    const { sessions } = await scratch.status("--all")
    expect(sessions.filter((session) => session.pid !== null)).toEqual([])
    expect(sessions.filter((session) => session.transcript !== null).length).toBeGreaterThanOrEqual(5)
  })
})
