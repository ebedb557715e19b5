/** The real Codex: its threads seen, saved, ended with all that its service runs, put back, and gone on with. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { readFileSync, rmSync } from "node:fs"
import { until } from "../../fixtures/until.ts"
import type { KillDocument, SessionEntry } from "../../real-client/harness/contract.ts"
import { isAlive } from "../../real-client/harness/processes.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"
import { expectOnPage } from "../../serve/real.ts"
import type { AgentHome } from "../harness/agent-home.ts"
import { type CodexHome, codexProgram, openCodexHome, codexVersion as version } from "../harness/codex.ts"

describe.skipIf(codexProgram === null)(`Codex ${version}`, () => {
  let home: CodexHome
  let its: AgentHome
  const seen = {} as Record<"answered" | "hanging" | "alone", SessionEntry>
  const windows = {} as Record<string, Terminal>

  beforeAll(async () => {
    home = await openCodexHome(["one", "alone"])
    its = home.its
  })
  afterAll(async () => {
    await home?.close()
  })

  /** Opens a window, has it say something, and waits until the thread is there and at rest, or at work. */
  async function open(name: string, command: string, prompt: string, detail: string): Promise<SessionEntry> {
    const known = new Set((await its.sessions("--all")).map(({ id }) => id))
    const window = await its.terminal(name)
    windows[prompt] = window
    await window.line(command)
    await window.shows("Ask Codex to do anything")
    await window.line(prompt)
    return await until(
      `"${prompt}" to be ${detail}`,
      async () =>
        (await its.sessions()).find(
          (each) => !known.has(each.id) && each.detail === detail && each.title !== null,
        ),
      { show: window.screen, withinMs: 60_000 },
    )
  }
  const now = async ({ id }: SessionEntry, ...args: string[]) =>
    (await its.sessions("--all", ...args)).find((each) => each.id === id)
  const evidence = (entry: SessionEntry | undefined) =>
    entry?.evidence.map(({ message }) => message).join("\n")

  test("a thread that was answered waits in its window, run by the service", async () => {
    seen.answered = await open("one", "codex", "good morning", "waiting for you")
    const { tty } = windows["good morning"] as Terminal
    expect(seen.answered).toMatchObject({
      agent: "codex",
      state: "ACTIVE",
      title: "good morning",
      version,
      tty,
    })
    expect(seen.answered.cwd).toBe(its.folder("one"))
    expect(evidence(seen.answered)).toContain(`in ${tty}`)
  })

  test("one without an answer, in the same folder, is at work, and HUNG after a while", async () => {
    seen.hanging = await open("one", "codex", "think of it @@hang", "working")
    expect(seen.hanging.pid).toBe(seen.answered.pid) // one service for both
    expect(seen.hanging.tty).toBe((windows["think of it @@hang"] as Terminal).tty)
    await until(
      "it to be HUNG",
      async () => (await now(seen.hanging, "--hung-after", "100ms"))?.state === "HUNG",
    )
    expect(await now(seen.answered, "--hung-after", "100ms")).toMatchObject({ detail: "waiting for you" })
  })

  test("one without the service is held by its own process", async () => {
    seen.alone = await open("alone", "codex --no-daemon", "all alone", "waiting for you")
    expect(seen.alone.pid).not.toBe(seen.answered.pid)
    expect(evidence(seen.alone)).not.toContain("service")
  })

  test("a window that is closed ends no turn: its thread runs on", async () => {
    ;(windows["think of it @@hang"] as Terminal).close()
    await until("no window of it", async () => (await now(seen.hanging))?.tty === null)
    expect(await now(seen.hanging)).toMatchObject({ state: "ACTIVE", detail: "working", mode: "background" })
  })

  test("ended, it takes along what its service runs: all is saved first, the other process lives", async () => {
    const { stdout, json } = await its.product(
      "kill",
      seen.hanging.id ?? "",
      "--force",
      "--json",
      "--grace",
      "2s",
    )
    const [kill] = json<KillDocument>().kills ?? []
    expect([stdout, kill?.companions.map(({ id }) => id)]).toEqual([stdout, [seen.answered.id]])
    for (const { path, id } of kill?.exports ?? []) {
      const entry = [seen.hanging, seen.answered].find((each) => each.id === id)
      expect(readFileSync(entry?.transcript ?? "").subarray(0, readFileSync(path ?? "").length)).toEqual(
        readFileSync(path ?? ""),
      )
    }
    expect(isAlive(seen.hanging.pid ?? 0)).toBe(false)
    expect(isAlive(seen.alone.pid ?? 0)).toBe(true)
    expect(await now(seen.hanging)).toMatchObject({ state: "ORPHANED", detail: "ended mid-turn" })
  })

  test("deleted, it is put back, and the client goes on with it", async () => {
    const id = seen.answered.id ?? ""
    expect((await its.product("export", "--all")).code).toBe(0)
    rmSync(seen.answered.transcript ?? "")
    expect((await its.product("restore", id)).code).toBe(0)
    const { resumes } = (await its.product("resume", id, "--json")).json<{ resumes: { command: string }[] }>()
    const window = await its.terminal("alone")
    await window.line(resumes[0]?.command ?? "")
    await window.shows("mock reply to good morning")
    await window.line("and good evening")
    await window.shows("mock reply to and good evening")
    expect(await now(seen.answered)).toMatchObject({ state: "ACTIVE", detail: "waiting for you" })
  })

  test("what was said in it is found", async () => {
    expect((await its.product("cx", "--live")).code).toBe(0)
    const { stdout } = await its.product("cxq", "evening")
    expect(stdout).toContain("and good «evening»")
  })

  test("is read on the page", async () => {
    const texts = ["good morning", "mock reply to good morning"]
    await expectOnPage({ ...its, id: seen.answered.id ?? "", texts })
  })
})
