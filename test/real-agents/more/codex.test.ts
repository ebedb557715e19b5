/** What goes wrong with the real Codex: a window killed, its service killed, a subagent, an archive, a torn rollout. Not in CI. */
import { Database } from "bun:sqlite"
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { existsSync, readdirSync, readFileSync, rmSync, statSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import type { ExportDocument, SessionEntry } from "../../real-client/harness/contract.ts"
import { childrenOf, isAlive } from "../../real-client/harness/processes.ts"
import type { Terminal } from "../../real-client/harness/terminal.ts"
import type { AgentHome } from "../harness/agent-home.ts"
import { type CodexHome, codexProgram, codexVersion, openCodexHome } from "../harness/codex.ts"

describe.skipIf(codexProgram === null || process.env.CI !== undefined)(`Codex ${codexVersion}`, () => {
  let home: CodexHome
  let its: AgentHome
  const seen = {} as Record<"answered" | "hanging" | "parent", SessionEntry>
  const windows = {} as Record<string, Terminal>

  beforeAll(async () => {
    home = await openCodexHome(["one", "two"])
    its = home.its
  })
  afterAll(() => home?.close())

  async function open(folder: string, command: string, prompt: string, detail: string) {
    const known = new Set((await its.sessions("--all")).map(({ id }) => id))
    const window = await its.terminal(folder)
    windows[prompt] = window
    await window.line(command)
    await window.shows("Ask Codex to do anything")
    await window.line(prompt)
    const isIt = (each: SessionEntry) => !known.has(each.id) && each.detail === detail && each.title !== null
    return await until(`"${prompt}" to be ${detail}`, async () => (await its.sessions()).find(isIt), {
      show: window.screen,
      withinMs: 60_000,
    })
  }
  const now = async ({ id }: SessionEntry) => (await its.sessions("--all")).find((each) => each.id === id)
  const says = (entry: SessionEntry | undefined) => entry?.evidence.map(({ message }) => message).join("\n")
  const filesOf = async ({ id }: SessionEntry) => {
    const { json } = await its.product("export", id ?? "", "--json")
    const [saved] = json<ExportDocument>().exports
    const { files } = JSON.parse(readFileSync(saved?.manifest ?? "", "utf8")) as {
      files: { source: string }[]
    }
    return { status: saved?.status, sources: files.map(({ source }) => source) }
  }
  async function goOn({ id }: SessionEntry, folder: string): Promise<Terminal> {
    const { resumes } = (await its.product("resume", id ?? "", "--json")).json<{
      resumes: { command: string }[]
    }>()
    const window = await its.terminal(folder)
    await window.line(resumes[0]?.command ?? "")
    return window
  }

  test("a subagent belongs to the thread that started it, is no session, and is saved with it", async () => {
    seen.answered = await open("one", "codex", "good morning", "waiting for you")
    const prompt = '@@call spawn_agent {"message":"look at the moon","agent_type":"default"}'
    seen.parent = await open("one", "codex", prompt, "waiting for you")
    await until(
      "two rollouts",
      async () => (await filesOf(seen.parent)).sources.filter(isRollout).length === 2,
    )
    const ids = (await its.sessions("--all")).map(({ id }) => id)
    expect(ids.toSorted()).toEqual([seen.answered.id, seen.parent.id].toSorted())
    expect((await filesOf(seen.parent)).status).toMatch(savedStatus)
  })

  test("a window that is killed ends nothing: its turn runs on in the service", async () => {
    seen.hanging = await open("two", "codex", "think of it @@hang", "working")
    const launcher = await (windows["think of it @@hang"] as Terminal).child()
    const window = await until("its window", () => childrenOf(launcher)[0])
    expect(says(seen.hanging)).toContain(`opened by pid ${window}`)
    process.kill(window, "SIGKILL")
    await until("no window of it", async () => (await now(seen.hanging))?.tty === null)
    expect(await now(seen.hanging)).toMatchObject({
      pid: seen.hanging.pid,
      state: "ACTIVE",
      detail: "working",
    })
  })

  test("before the service is ended, its windows are named, and what stops one turn alone", async () => {
    const { stdout } = await its.product("kill", seen.hanging.id ?? "", "--dry-run")
    const ends = stdout.split("\n").filter((line) => line.includes("ends with it, and is saved first"))
    expect(ends).toHaveLength(2)
    for (const each of [seen.answered, seen.parent]) expect(stdout).toContain(`${each.tty} (pid `)
    expect(stdout).toContain("stay open without a session: then leave with Ctrl-C")
    expect(stdout).toContain("To stop its turn alone, and end nothing: codex agents")
  })

  test("the service killed: no thread is held, the open turn was cut off, the windows wait in vain", async () => {
    process.kill(seen.hanging.pid ?? 0, "SIGKILL")
    await until("it to be gone", () => !isAlive(seen.hanging.pid ?? 0))
    const one = windows["good morning"] as Terminal
    await one.shows("Reconnecting to server")
    expect(await now(seen.hanging)).toMatchObject({ pid: null, state: "ORPHANED", detail: "ended mid-turn" })
    const left = await now(seen.answered)
    expect(left).toMatchObject({ pid: null, state: "ORPHANED", detail: "closed" })
    expect(says(left)).toContain(`${seen.answered.tty}) waits for Codex's service, which does not run`)
  })

  test("archived, it is saved, deleted, put back where it was, and the client offers to go on with it", async () => {
    // a window that is left open connects to the next service, which then runs its thread again
    for (const window of Object.values(windows)) window.close()
    const shell = await its.terminal("one")
    await shell.line(`codex archive ${seen.answered.id}; echo archived-$?`)
    await shell.shows("archived-0")
    const archived = await now(seen.answered)
    expect(archived?.transcript).toContain("/archived_sessions/")
    expect(says(archived)).toContain("archived in Codex")
    expect((await filesOf(seen.answered)).status).toMatch(savedStatus)
    const before = readFileSync(archived?.transcript ?? "")
    rmSync(archived?.transcript ?? "")
    expect((await its.product("restore", seen.answered.id ?? "")).code).toBe(0)
    expect(readFileSync(archived?.transcript ?? "")).toEqual(before)
    const window = await goOn(seen.answered, "one")
    await window.shows("Unarchive and resume")
  })

  test("a rollout torn in its last line is marked, opened by the client, and read on behind the tear", async () => {
    const path = (await now(seen.parent))?.transcript ?? ""
    truncateSync(path, statSync(path).size - 20)
    const torn = await now(seen.parent)
    expect(torn?.flags).toContain("torn-tail")
    expect((await filesOf(seen.parent)).status).toMatch(savedStatus)
    const window = await goOn(seen.parent, "one")
    await window.shows("Ask Codex to do anything")
    await window.line("and the sun")
    await window.shows("mock reply to and the sun")
    const again = await until("the reply", async () => {
      const entry = await now(seen.parent)
      return entry?.detail === "waiting for you" && entry
    })
    expect(again.state).toBe("ACTIVE")
    expect((await its.product("show", seen.parent.id ?? "")).stdout).toContain("mock reply to and the sun")
  })

  test("a row without a file is named by doctor; its prompts are found", async () => {
    const { id } = seen.hanging
    const path = (await now(seen.hanging))?.transcript ?? ""
    rmSync(path)
    const [name = ""] = readdirSync(join(its.home, ".codex")).filter((each) =>
      /^state_\d+\.sqlite$/.test(each),
    )
    const rows = new Database(join(its.home, ".codex", name), { readonly: true })
      .query<{ n: number }, [string]>("select count(*) as n from threads where id = ?")
      .get(id ?? "")
    expect([rows?.n, existsSync(path)]).toEqual([1, false])
    expect((await its.sessions("--all")).map((each) => each.id)).not.toContain(id)
    const { stdout } = await its.product("doctor")
    expect(stdout).toContain(id?.slice(0, 13) ?? "")
    expect((await its.product("cx", "--live")).code).toBe(0)
    expect((await its.product("cxq", "think of it")).stdout).toContain("(only this prompt remains)")
  })
})

function isRollout(source: string): boolean {
  return /\/rollout-[^/]*\.jsonl$/.test(source)
}

/** Of a copy that was compared, now or before. */
const savedStatus = /^(verified|unchanged)$/
