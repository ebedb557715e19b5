/** The real Gemini CLI: its sessions seen, saved, ended, put back, and gone on with. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import type { ExportDocument, KillDocument, SessionEntry } from "../../real-client/harness/contract.ts"
import { isAlive } from "../../real-client/harness/processes.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"
import type { AgentHome } from "../harness/agent-home.ts"
import {
  type GeminiHome,
  geminiProgram,
  geminiVersion,
  makeDayOlder,
  openGeminiHome,
} from "../harness/gemini.ts"

describe.skipIf(geminiProgram === null)(`Gemini CLI ${geminiVersion}`, () => {
  let home: GeminiHome
  let its: AgentHome
  let [first, second] = [] as unknown as [SessionEntry, SessionEntry]
  let window: Terminal

  beforeAll(async () => {
    home = await openGeminiHome(["one", "two"])
    its = home.its
  })
  afterAll(async () => {
    await home?.close()
  })

  async function start(command: string, prompt: string, folder = "one"): Promise<Terminal> {
    const terminal = await home.start(command, folder)
    await home.say(terminal, prompt)
    return terminal
  }
  const now = async (entry: SessionEntry, ...args: string[]) =>
    (await its.sessions("--all", ...args)).find(({ id }) => id === entry.id)
  const becomes = (
    what: string,
    isSo: (entry: SessionEntry) => boolean,
    terminal: Terminal,
    ...args: string[]
  ) =>
    until(what, async () => (await its.sessions(...args)).find(isSo), {
      show: terminal.screen,
      withinMs: 60_000,
    })
  const says = (entry: SessionEntry | undefined) => entry?.evidence.map(({ message }) => message).join("\n")

  test("a session that was answered waits in its terminal; its launcher is not a second one", async () => {
    window = await start("gemini", "good morning")
    first = await becomes(
      "an answer",
      ({ title, detail }) => title === "good morning" && detail === "waiting for you",
      window,
    )
    expect(first).toMatchObject({ agent: "gemini", state: "ACTIVE", tty: window.tty, cwd: its.folder("one") })
    expect(says(first)).toContain("after this process started")
    expect(first.pid).not.toBe(await window.child())
    expect(await its.sessions()).toHaveLength(1)
  })

  test("one without an answer is at work, and HUNG after a while; the other waits", async () => {
    const terminal = await start("gemini", "think of it @@hang .", "two")
    second = await becomes("it to be at work", ({ detail }) => detail === "working", terminal)
    expect([second.tty, second.pid === first.pid]).toEqual([terminal.tty, false])
    const silent = ({ id, state }: SessionEntry) => id === second.id && state === "HUNG"
    await becomes("it to be HUNG", silent, terminal, "--hung-after", "100ms")
    expect(await now(first, "--hung-after", "100ms")).toMatchObject({ detail: "waiting for you" })
  })

  test("ended, it is saved first, and the other lives", async () => {
    const { stdout, json } = await its.product("kill", second.id ?? "", "--force", "--json", "--grace", "2s")
    const [kill] = json<KillDocument>().kills ?? []
    expect([stdout, kill?.outcome]).toEqual([stdout, "ended"])
    const [saved] = kill?.exports ?? []
    expect(readFileSync(saved?.path ?? "")).toEqual(readFileSync(second.transcript ?? ""))
    expect([isAlive(second.pid ?? 0), isAlive(first.pid ?? 0)]).toEqual([false, true])
    expect(await now(second)).toMatchObject({ state: "ORPHANED", detail: "ended mid-turn" })
  })

  test("a tool that asks, or runs, is not told apart; one that runs below it is", async () => {
    await home.say(window, '@@tool run_shell_command {"command":"sleep 600"} .')
    const asks = await becomes(
      "the call",
      (entry) => says(entry)?.includes("cannot be distinguished") === true,
      window,
    )
    expect(asks).toMatchObject({ id: first.id, detail: "working" })
    const runs = async () => (await its.sessions()).some(({ detail }) => detail === "running a tool")
    await window.pressUntil("it to run", runs) // allow once
  })

  test("killed, it was cut off; what it was is put back in an empty home, and the client goes on", async () => {
    process.kill(first.pid ?? 0, "SIGKILL")
    await until("it to be gone", async () => (await now(first))?.detail === "ended mid-turn")
    expect((await its.product("export", "--all")).code).toBe(0)
    for (const name of ["tmp", "history", "projects.json"])
      rmSync(join(its.home, ".gemini", name), { recursive: true, force: true })
    expect((await its.product("restore", first.id ?? "")).code).toBe(0)
    makeDayOlder(join(its.home, ".gemini/tmp/one/chats"))
    const { json } = await its.product("resume", first.id ?? "", "--json")
    const [line] = json<{ resumes: { command: string }[] }>().resumes
    window = await start(line?.command ?? "", "and good evening")
    await window.shows("mock reply to and good evening")
    expect(window.scrollback()).toContain("mock reply to good morning")
    const resumed = await becomes("an answer", ({ detail }) => detail === "waiting for you", window)
    expect(resumed).toMatchObject({ id: first.id, state: "ACTIVE" })
  })

  test("resumed, it is saved with every file of its id", async () => {
    const { json } = await its.product("export", first.id ?? "", "--json")
    const [saved] = json<ExportDocument>().exports
    const { files } = JSON.parse(readFileSync(saved?.manifest ?? "", "utf8"))
    const own = files.filter(({ source }: { source: string }) =>
      source.includes(`-${first.id?.slice(0, 8)}.jsonl`),
    )
    expect([saved?.status, own.length]).toEqual(["verified", 2])
  })

  test("left, it is closed; what was said in it is found", async () => {
    await window.type("/quit")
    await window.pressUntil("it to be closed", async () => (await now(first))?.detail === "closed")
    expect((await its.product("cx", "--live")).code).toBe(0)
    const { stdout } = await its.product("cxq", "evening")
    expect(stdout).toContain("good «evening»")
  })
})
