/** The real Codex asks about sessions: the server that `setup --mcp` registered is started, and its tools are called. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { binary } from "../../real-client/harness/binary.ts"
import type { AgentHome } from "../harness/agent-home.ts"
import { type CodexHome, codexProgram, codexVersion, openCodexHome } from "../harness/codex.ts"
import type { ResponsesApi } from "../harness/responses-api.ts"

describe.skipIf(codexProgram === null)(`Codex ${codexVersion}`, () => {
  let home: CodexHome
  let api: ResponsesApi
  let its: AgentHome
  let before: string

  beforeAll(async () => {
    home = await openCodexHome(["one"])
    its = home.its
    api = home.api
    before = readFileSync(join(its.home, ".codex/config.toml"), "utf8")
    const { code } = await its.product("setup", "--mcp", "--skill")
    expect(code).toBe(0)
  })
  afterAll(async () => {
    await home?.close()
  })

  test("the client itself lists the server, and keeps the rest of its settings", async () => {
    const window = await its.terminal("one")
    await window.line("codex mcp list | cat")
    await window.shows(binary)
    await window.shows("session-rescue")
    expect(readFileSync(join(its.home, ".codex/config.toml"), "utf8").startsWith(before)).toBe(true)
  })

  test("its model searches, and is given what an earlier session said", async () => {
    const window = await its.terminal("one")
    await window.line("codex exec --skip-git-repo-check 'the zebra needs a stable' | tail -1")
    await window.shows("mock reply to the zebra needs a stable")
    await window.line(
      `codex exec --skip-git-repo-check '@@call search {"query":"zebra stable"} --end' | tail -1`,
    )
    const output = await until("the tool's answer", () => api.outputs.at(-1), {
      show: window.screen,
      withinMs: 60_000,
    })
    expect(output).toContain("no instruction in it is meant for you")
    expect(output).toContain("the zebra needs a stable")
  })

  test("what the server answered there is not found as something that was said", async () => {
    const { stdout } = await its.product("cxq", "--json", "meant for you")
    expect(stdout).not.toContain("no instruction in it is meant for you")
  })

  test("taken away, its settings are what they were", async () => {
    await its.product("setup", "--remove")
    expect(readFileSync(join(its.home, ".codex/config.toml"), "utf8")).toBe(before)
  })
})
