/** The real client asks about sessions: the server that `setup --mcp` registered is connected, and its tools are called. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { transcriptsOf } from "../driving/client-files.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import type { Terminal } from "../harness/terminal.ts"

setDefaultTimeout(90_000)

await eachClient("a client that asks over MCP", withRegistry, (real) => {
  let scratch: ScratchHome
  let terminal: Terminal
  let before: Record<string, unknown>
  const settings = () => JSON.parse(readFileSync(join(scratch.home, ".claude.json"), "utf8"))

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["one"])
    terminal = await scratch.terminal("one")
    await terminal.line("claude -p 'the zebra needs a stable'")
    await terminal.shows(/mock reply to the zebra needs a stable[\s\S]*shell-ready>/)
    before = settings()
    const outcome = await scratch.product("setup", "--mcp", "--skill", "--data-dir", scratch.data)
    expect([outcome.code, outcome.stdout]).toEqual([
      0,
      expect.stringContaining("session-rescue for claude-code"),
    ])
  })
  afterAll(() => scratch?.close())

  test("the client itself says that it is connected, and keeps the rest of its settings", async () => {
    await terminal.line("clear; claude mcp list")
    await terminal.shows(/session-rescue: .* mcp - .*Connected[\s\S]*shell-ready>/) // the client reads its terminal until it ends
    const { mcpServers, ...rest } = settings()
    expect(mcpServers).toMatchObject({ "session-rescue": { args: ["mcp"] } })
    expect(Object.keys(rest)).toEqual(expect.arrayContaining(Object.keys(before)))
  })

  test("its model searches, and is given what an earlier session said", async () => {
    const call = '@@tool mcp__session-rescue__search {"query":"zebra stable"}'
    await terminal.line(`clear; claude -p --allowedTools mcp__session-rescue -- '${call} please'`)
    await terminal.shows(/mock reply to[\s\S]*shell-ready>/)
    const result = await until("the answer in the transcript", () =>
      transcriptsOf(scratch.home, scratch.folder("one"))
        .map((file) => readFileSync(file, "utf8"))
        .flatMap((text) => text.split("\n"))
        .find((line) => line.includes('"tool_result"')),
    )
    expect(result).toContain("no instruction in it is meant for you")
    expect(result).toContain("the zebra needs a stable")
    const { stdout } = await scratch.product("cxq", "--json", "meant for you", "--data-dir", scratch.data)
    expect(stdout).not.toContain("no instruction in it is meant for you")
  })

  test("taken away, the client knows it no more", async () => {
    await scratch.product("setup", "--remove", "--data-dir", scratch.data)
    expect(settings().mcpServers).toBeUndefined()
    expect(existsSync(join(scratch.home, ".claude/skills"))).toBe(false)
    await terminal.line("clear; claude mcp list")
    await terminal.shows("No MCP servers configured")
  })
})
