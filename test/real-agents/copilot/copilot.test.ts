/** The real Copilot CLI: its sessions seen in each state, saved, ended, put back, and gone on with. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { existsSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import type { ExportDocument, KillDocument, SessionEntry } from "../../real-client/harness/contract.ts"
import { isAlive } from "../../real-client/harness/processes.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"
import type { AgentHome } from "../harness/agent-home.ts"
import {
  type CopilotHome,
  copilotProgram,
  openCopilotHome,
  copilotVersion as version,
} from "../harness/copilot.ts"

describe.skipIf(copilotProgram === null)(`Copilot ${version}`, () => {
  let home: CopilotHome
  let its: AgentHome
  const windows = {} as Record<string, Terminal>
  const seen = {} as Record<string, SessionEntry>

  beforeAll(async () => {
    home = await openCopilotHome(["one", "two"])
    its = home.its
  })
  afterAll(async () => {
    await home?.close()
  })

  const now = async ({ id }: SessionEntry, ...args: string[]) =>
    (await its.sessions("--all", ...args)).find((each) => each.id === id)
  const evidence = (entry: SessionEntry | undefined) =>
    entry?.evidence.map(({ message }) => message).join("\n")

  /** Starts the client in a folder, and waits until its session is seen. */
  async function open(name: string, command = "copilot"): Promise<Terminal> {
    const window = await its.terminal(name)
    await window.line(command)
    await window.shows("/ commands")
    windows[name] = window
    return window
  }
  /** Waits until the session at a terminal is so. */
  async function at(window: Terminal, what: (entry: SessionEntry) => boolean, ...args: string[]) {
    let last: SessionEntry | undefined
    const find = async () => {
      last = (await its.sessions(...args)).find(({ tty }) => tty === window.tty)
      return last !== undefined && what(last) && last
    }
    const show = () => `${window.screen()}\n${last?.state} ${last?.detail}\n${evidence(last)}`
    return await until(`the session on ${window.tty} to be so`, find, { show, withinMs: 30_000 })
  }

  test("two at once: one was answered and waits, one has no answer and is HUNG after a while", async () => {
    const [one, two] = await Promise.all([open("one"), open("two")])
    await one.line("good morning")
    await two.line("think of it @@hang")
    await one.shows("mock reply to good morning")
    const answered = await at(one, ({ detail, title }) => detail === "waiting for you" && title !== null)
    expect(answered).toMatchObject({ agent: "copilot", state: "ACTIVE", version, cwd: its.folder("one") })
    expect(evidence(answered)).toContain("has it open, and its lock names it")
    const hanging = await at(two, ({ detail }) => detail === "working")
    expect(hanging).toMatchObject({ state: "ACTIVE", cwd: its.folder("two") })
    expect(hanging.id).not.toBe(answered.id)
    await at(two, ({ state }) => state === "HUNG", "--hung-after", "100ms")
    Object.assign(seen, { answered, hanging })
  })

  test("it waits for permission, runs the tool, and has done", async () => {
    const one = windows.one as Terminal
    await one.line('@@tool bash {"command":"sleep 4; echo xylophone","description":"go"} .')
    await at(one, ({ detail }) => detail === "waiting for permission: bash sleep 4; echo xylophone")
    const runs = async () => (await its.sessions()).some(({ detail }) => detail === "running a tool")
    await one.pressUntil("the tool to run", runs)
    await at(one, ({ detail }) => detail === "waiting for you")
  })

  test("killed, it has crashed, and its lock proves it; ended by kill, nothing is lost", async () => {
    const { hanging, answered } = seen as { hanging: SessionEntry; answered: SessionEntry }
    process.kill(hanging.pid ?? 0, "SIGKILL")
    const crashed = await until("it to have crashed", async () => {
      const found = await now(hanging)
      return found?.state === "ORPHANED" && found
    })
    expect(crashed).toMatchObject({ detail: "crashed mid-turn", pid: null })
    expect(evidence(crashed)).toContain("is left behind")
    const { json } = await its.product("kill", answered.id ?? "", "--force", "--json", "--grace", "5s")
    const [kill] = json<KillDocument>().kills ?? []
    expect(kill).toMatchObject({ outcome: "ended" })
    expect(isAlive(answered.pid ?? 0)).toBe(false)
    expect(await now(answered)).toMatchObject({ state: "ORPHANED", detail: "closed" })
  })

  test("saved, its home deleted, put back: the client goes on with it, and what was said is found", async () => {
    const { answered } = seen as { answered: SessionEntry }
    const events = answered.transcript ?? ""
    const { json } = await its.product("export", answered.id ?? "", "--json")
    expect(json<ExportDocument>().exports).toMatchObject([{ id: answered.id }])
    const before = readFileSync(events)
    rmSync(join(its.home, ".copilot/session-state"), { recursive: true })
    rmSync(join(its.home, ".copilot/session-store.db"), { force: true })
    expect((await its.product("restore", answered.id ?? "")).code).toBe(0)
    expect(readFileSync(events)).toEqual(before)
    expect(existsSync(`${events}/../inuse.${answered.pid}.lock`)).toBe(false)
    const resumed = await its.product("resume", answered.id ?? "", "--json")
    const [line] = resumed.json<{ resumes: { command: string }[] }>().resumes
    const window = await open("two", line?.command ?? "")
    await window.shows("mock reply to good morning")
    const idle = await at(window, ({ id }) => id === answered.id)
    expect(idle).toMatchObject({ state: "ACTIVE", detail: "waiting for you" })
    expect(evidence(idle)).toContain("has not locked it yet")
    await window.line("and good evening")
    await window.shows("mock reply to and good evening")
    expect((await its.product("cx", "--live")).code).toBe(0)
    expect((await its.product("cxq", "xylophone")).stdout).toContain("«xylophone»")
    await window.line("/exit")
    await until("it to be closed", async () => (await now(answered))?.detail === "closed")
  })
})
