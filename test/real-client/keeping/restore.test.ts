import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { rmSync } from "node:fs"
import { join } from "node:path"
import { silentReporter } from "../../../src/domain/progress.ts"
import { parseSessionId } from "../../../src/domain/session/session-id.ts"
import { readSavedExports } from "../../../src/rescue/catalog/saved-exports.ts"
import { archiveOne } from "../../fixtures/archive-one.ts"
import { builtInArchiver, readStored } from "../../fixtures/built-in.ts"
import { until } from "../../fixtures/until.ts"
import { contents } from "../../restore/rescued.ts"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { registered } from "../driving/client-files.ts"
import type { ExportDocument } from "../harness/contract.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { seedInto } from "../harness/seeded-home.ts"

setDefaultTimeout(60_000)

interface RestoreDocument {
  error?: { code: string; message: string }
  restore: {
    place: string
    files: { relative: string; outcome: string }[]
    resume: { command: string | null; reason: string | null }
  }
}

await eachClient("a real session is put back", withRegistry, (real) => {
  let scratch: ScratchHome
  let id: string
  let whole: Map<string, string>

  const restore = async (...args: string[]) => {
    const outcome = await scratch.product(
      "restore",
      "--json",
      "--data-dir",
      scratch.data,
      id.slice(0, 8),
      ...args,
    )
    return { code: outcome.code, ...outcome.json<RestoreDocument>() }
  }
  const files = () => contents(join(scratch.home, ".claude"))
  const own = (name: string) => name.includes(id)

  /** The disk crash: home and all. The client is set up anew, as a person would. */
  function loseHome(): void {
    rmSync(scratch.home, { recursive: true })
    seedInto(scratch.home, [scratch.folder("talk"), scratch.folder("elsewhere")])
  }

  async function resumeBy(line: string): Promise<void> {
    const terminal = await scratch.terminal("elsewhere")
    await terminal.line(line)
    await terminal.shows("mock reply to remember the blue kettle")
  }

  async function leave(): Promise<void> {
    const { sessions } = await scratch.status()
    for (const { pid } of sessions) if (pid !== null) process.kill(pid)
    await until("it to end", () => sessions.every(({ pid }) => pid === null || !isAlive(pid)))
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["talk", "elsewhere"])
    const client: Client = await openClient(scratch, "talk", mayRun)
    await client.chat('count it @@tool Bash {"command":"seq 30000","description":"d"}')
    await client.chat('delegate it @@tool Agent {"description":"dig","prompt":"dig deep"}')
    await client.chat("remember the blue kettle")
    id = registered(scratch.home, client.pid)?.sessionId ?? ""
    await client.kill("SIGTERM")
    const outcome = await scratch.product("export", "--json", "--data-dir", scratch.data, id)
    expect(outcome.json<ExportDocument>().exports).toMatchObject([{ id, status: "verified" }])
    whole = new Map([...files()].filter(([name]) => own(name) && !name.endsWith("/")))
    expect([...whole.keys()].filter((name) => name.includes("/subagents/agent-")).length).toBeGreaterThan(0)
    expect([...whole.keys()].filter((name) => name.includes("/tool-results/")).length).toBe(1)
  })
  afterAll(() => scratch?.close())

  test("lost with its whole home, it comes back byte for byte and shows its conversation", async () => {
    loseHome()
    const { code, restore: done } = await restore()
    expect([code, done.place]).toEqual([0, "pending"])
    expect(new Map([...files()].filter(([name]) => own(name)))).toEqual(whole)
    expect(done.resume.reason).toBe(null)
    expect(done.resume.command).toEndWith(` && claude --resume ${id}`)
    await resumeBy(done.resume.command ?? "")
  })

  test("while the client holds it again, nothing is put back under it", async () => {
    const refused = await restore("--force")
    expect([refused.code, refused.error?.code]).toEqual([4, "REFUSED"])
    await leave()
  })

  test("after it went on, nothing is set back; what was lost of it comes back", async () => {
    const results = [...whole.keys()].find((name) => name.includes("/tool-results/")) ?? ""
    rmSync(join(scratch.home, ".claude", results))
    const { code, restore: done } = await restore()
    expect(code).toBe(0)
    const outcomes = Object.fromEntries(done.files.map(({ relative, outcome }) => [relative, outcome]))
    expect(outcomes[results]).toBe("restored")
    expect(outcomes[done.files[0]?.relative ?? ""]).toMatch(/equal|existing-is-longer/)
    expect(files().get(results)).toBe(whole.get(results) ?? "")
  })

  test("the same from the archive, with its subagents and tool results", async () => {
    const [data, parsed] = [scratch.data, parseSessionId(id)]
    const pending = join(data, "sessions-export-pending-anthropic")
    const archive = join(data, "sessions-export-archive-anthropic")
    const [saved] = parsed === null ? [] : readSavedExports(pending, archive).of(parsed)
    if (saved === undefined) throw new Error("nothing to archive")
    const reporter = silentReporter
    const paths = { home: scratch.home, config: scratch.root, data, pending, archive }
    const signal = new AbortController().signal
    await archiveOne(saved, await builtInArchiver("archive-zstd"), {
      paths,
      version: "0",
      signal,
      warn() {},
      readStored,
      reporter,
    })
    loseHome()
    const { code, restore: done } = await restore()
    expect([code, done.place]).toEqual([0, "archived"])
    expect(new Map([...files()].filter(([name]) => own(name)))).toEqual(whole)
    await resumeBy(done.resume.command ?? "")
    const entry = await scratch.entry({ id })
    expect(entry).toMatchObject({ state: "ACTIVE", cwd: scratch.folder("talk"), flags: [] })
  })
})
