/** The real OpenCode: its sessions told apart, saved, ended, put back into its database, and gone on with. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import type { KillDocument, SessionEntry } from "../../real-client/harness/contract.ts"
import { isAlive } from "../../real-client/harness/processes.ts"
import { expectOnPage } from "../../serve/real.ts"
import type { AgentHome } from "../harness/agent-home.ts"
import {
  type OpencodeHome,
  opencodeProgram,
  openOpencodeHome,
  opencodeVersion as version,
} from "../harness/opencode.ts"

describe.skipIf(opencodeProgram === null)(`OpenCode ${version}`, () => {
  let home: OpencodeHome
  let its: AgentHome
  const seen = {} as Record<"answered" | "running", SessionEntry>

  beforeAll(async () => {
    home = await openOpencodeHome(["one"])
    its = home.its
  })
  afterAll(async () => {
    await home?.close()
  })

  async function open(prompt: string, detail: string): Promise<SessionEntry> {
    const known = new Set((await its.sessions("--all")).map(({ id }) => id))
    const window = await its.terminal("one")
    await window.line("opencode")
    await until("its window", () => /Ask anything/.test(window.screen()), {
      show: window.screen,
      withinMs: 60_000,
    })
    await window.line(prompt)
    const isIt = (each: SessionEntry) => each.id !== null && !known.has(each.id) && each.detail === detail
    return await until(`"${prompt}" to be ${detail}`, async () => (await its.sessions()).find(isIt), {
      show: window.screen,
      withinMs: 60_000,
    })
  }
  const now = async ({ id }: SessionEntry) => (await its.sessions("--all")).find((each) => each.id === id)
  const evidence = (entry: SessionEntry | undefined) =>
    entry?.evidence.map(({ message }) => message).join("\n")

  test("of two clients in one folder, one waits and one runs a tool: the log tells which is which", async () => {
    seen.answered = await open("good morning", "waiting for you")
    seen.running = await open(
      '@@tool bash {"command":"sleep 100","description":"a command"} .',
      "running a tool",
    )
    expect(seen.running.pid).not.toBe(seen.answered.pid)
    expect(evidence(seen.answered)).toContain("log")
    expect(await now(seen.answered)).toMatchObject({
      pid: seen.answered.pid,
      detail: "waiting for you",
      version,
    })
  })

  test("ended mid-turn, it writes the abort as it dies: that is saved, too, and the other lives", async () => {
    const { stdout, json } = await its.product(
      "kill",
      seen.running.id ?? "",
      "--force",
      "--json",
      "--grace",
      "20s",
    )
    const [kill] = json<KillDocument>().kills ?? []
    expect([stdout, kill?.outcome]).toEqual([stdout, "ended"])
    const after = kill?.exportsAfter?.[0]
    expect(readFileSync(after?.path ?? "", "utf8")).toContain("Abort")
    expect([isAlive(seen.running.pid ?? 0), isAlive(seen.answered.pid ?? 0)]).toEqual([false, true])
  })

  test("killed, and its home deleted, it is put back, and the client goes on with it", async () => {
    const { id, pid } = seen.answered
    expect((await its.product("export", id ?? "")).code).toBe(0)
    process.kill(pid ?? 0, "SIGKILL")
    await until("no process of it", async () => (await now(seen.answered))?.pid === null)
    rmSync(join(its.home, ".local/share/opencode"), { recursive: true })
    expect((await its.product("restore", id ?? "")).code).toBe(0)
    const { resumes } = (await its.product("resume", id ?? "", "--json")).json<{
      resumes: { command: string }[]
    }>()
    const window = await its.terminal("one")
    await window.line(resumes[0]?.command ?? "")
    await until("the conversation", () => window.screen().includes("mock reply to good morning"), {
      show: window.screen,
      withinMs: 60_000,
    })
    await window.line("and good evening")
    await window.shows("mock reply to and good evening")
    // beside the client that has the database open
    expect((await its.product("restore", seen.running.id ?? "")).code).toBe(0)
    expect(await now(seen.running)).toMatchObject({ state: "ORPHANED" })
  })

  test("what was said in it is found", async () => {
    expect((await its.product("cx", "--live")).code).toBe(0)
    expect((await its.product("cxq", "evening")).stdout).toContain("and good «evening»")
  })

  test("is read on the page", async () => {
    const texts = ["good morning", "mock reply to good morning"]
    await expectOnPage({ ...its, id: seen.answered.id ?? "", texts })
  })
})
