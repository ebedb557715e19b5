/** What goes wrong with the real Copilot CLI: locks that are left behind, whose pid is another program's by now. Not in CI. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { until } from "../../fixtures/until.ts"
import type { ExportDocument, SessionEntry } from "../../real-client/harness/contract.ts"
import { isAlive } from "../../real-client/harness/processes.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"
import type { AgentHome } from "../harness/agent-home.ts"
import { type CopilotHome, copilotProgram, copilotVersion, openCopilotHome } from "../harness/copilot.ts"

describe.skipIf(copilotProgram === null || process.env.CI !== undefined)(`Copilot ${copilotVersion}`, () => {
  let home: CopilotHome
  let its: AgentHome
  const seen = {} as Record<"crashed" | "other", SessionEntry>

  beforeAll(async () => {
    home = await openCopilotHome(["one", "two"])
    its = home.its
  })
  afterAll(() => home?.close())

  const now = async ({ id }: SessionEntry) => (await its.sessions("--all")).find((each) => each.id === id)
  const says = (entry: SessionEntry | undefined) => entry?.evidence.map(({ message }) => message).join("\n")
  const locksOf = ({ transcript }: SessionEntry) =>
    readdirSync(dirname(transcript ?? "")).filter((name) => name.startsWith("inuse."))

  async function open(folder: string, command: string): Promise<Terminal> {
    const window = await its.terminal(folder)
    await window.line(command)
    await window.shows("/ commands")
    return window
  }
  async function said(window: Terminal, prompt: string, detail: string): Promise<SessionEntry> {
    await window.line(prompt)
    const isIt = (each: SessionEntry) =>
      each.tty === window.tty && each.detail === detail && each.title !== null
    return await until(`"${prompt}" to be ${detail}`, async () => (await its.sessions()).find(isIt), {
      show: window.screen,
      withinMs: 60_000,
    })
  }

  test("a lock that a killed client has left is stale, and the proof of the crash; the export leaves it out", async () => {
    seen.crashed = await said(await open("one", "copilot"), "think of it @@hang", "working")
    process.kill(seen.crashed.pid ?? 0, "SIGKILL")
    await until("it to be gone", () => !isAlive(seen.crashed.pid ?? 0))
    expect(locksOf(seen.crashed)).toContain(`inuse.${seen.crashed.pid}.lock`)
    const crashed = await now(seen.crashed)
    expect(crashed).toMatchObject({ pid: null, state: "ORPHANED", detail: "crashed mid-turn" })
    expect(says(crashed)).toContain("is left behind")
    const { json } = await its.product("export", seen.crashed.id ?? "", "--json")
    const [saved] = json<ExportDocument>().exports
    expect(readFileSync(saved?.manifest ?? "", "utf8")).not.toContain("inuse.")
  })

  test("a lock whose pid is another Copilot's by now holds nothing: that one has its own session", async () => {
    const window = await open("two", "copilot")
    seen.other = await said(window, "good morning", "waiting for you")
    const folder = dirname(seen.crashed.transcript ?? "")
    const lock = join(folder, `inuse.${seen.other.pid}.lock`)
    writeFileSync(lock, String(seen.other.pid))
    const before = Date.now() / 1000 - 3600 // it was made by the process that had the number then
    utimesSync(lock, before, before)
    expect(await now(seen.other)).toMatchObject({ pid: seen.other.pid, state: "ACTIVE" })
    const crashed = await now(seen.crashed)
    expect(crashed).toMatchObject({ pid: null, state: "ORPHANED" })
    expect(says(crashed)).toContain(`process ${seen.other.pid} is another Copilot, started after the lock`)
    expect((await its.product("kill", seen.crashed.id ?? "", "--force")).code).not.toBe(0)
    expect(isAlive(seen.other.pid ?? 0)).toBe(true)
    rmSync(lock)
  })

  test("a lock whose pid is another program's by now holds nothing, and that program is left alone", async () => {
    const folder = dirname(seen.crashed.transcript ?? "")
    const stranger = Bun.spawn(["sleep", "500"])
    writeFileSync(join(folder, `inuse.${stranger.pid}.lock`), String(stranger.pid))
    expect(await now(seen.crashed)).toMatchObject({
      pid: null,
      state: "ORPHANED",
      detail: "crashed mid-turn",
    })
    expect((await its.product("kill", String(stranger.pid), "--force")).code).not.toBe(0)
    expect(isAlive(stranger.pid)).toBe(true)
    rmSync(join(folder, `inuse.${stranger.pid}.lock`))
    stranger.kill()
    await stranger.exited
  })
})
