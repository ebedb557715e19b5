import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { copyFileSync, mkdirSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { openClient } from "../driving/client.ts"
import { projectFolder, registered } from "../driving/client-files.ts"
import { runProduct } from "../harness/binary.ts"
import type { ExportDocument, ResumeDocument } from "../harness/contract.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"
import { seedInto } from "../harness/seeded-home.ts"

setDefaultTimeout(60_000)

await eachClient("resuming in the real client", withRegistry, (real) => {
  let scratch: ScratchHome
  let id: string
  let exported: string

  /** The line to type, as the product tells it to somebody whose home that is. */
  async function resumeLine(home: string): Promise<string> {
    const env = { ...scratch.env, HOME: home }
    const outcome = await runProduct(["resume", "--json", id], { env, cwd: scratch.root })
    const { resumes } = outcome.json<ResumeDocument>()
    expect(resumes).toMatchObject([{ id, state: "ORPHANED", reason: null, cwd: scratch.folder("my talk's") }])
    return resumes[0]?.command ?? ""
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["my talk's", "elsewhere"])
    const client = await openClient(scratch, "my talk's")
    await client.chat("remember the blue kettle")
    id = registered(scratch.home, client.pid)?.sessionId ?? ""
    await client.kill("SIGTERM")
    const outcome = await scratch.product("export", "--json", "--data-dir", scratch.data, id)
    exported = outcome.json<ExportDocument>().exports[0]?.path ?? ""
  })
  afterAll(() => scratch?.close())

  test("the printed line brings the conversation back, from any folder", async () => {
    const terminal = await scratch.terminal("elsewhere")
    await terminal.line(await resumeLine(scratch.home))
    await terminal.shows("mock reply to remember the blue kettle")
    const [first] = (await scratch.status()).sessions
    expect(first).toMatchObject({ id, state: "ACTIVE", flags: [] })
  })

  test("resumed twice at once, both are flagged: they write into one transcript", async () => {
    const terminal = await scratch.terminal("elsewhere")
    await terminal.line(`cd '${scratch.folder("my talk's").replace("'", "'\\''")}' && claude --resume ${id}`)
    await terminal.shows("mock reply to remember the blue kettle")
    const { sessions } = await scratch.status()
    expect(sessions.map((entry) => [entry.id, entry.flags])).toEqual([
      [id, ["duplicate-writer"]],
      [id, ["duplicate-writer"]],
    ])
    for (const { pid } of sessions) process.kill(pid ?? 0)
    await until("both to end", () => sessions.every((entry) => !isAlive(entry.pid ?? 0)))
  })

  test("an exported transcript alone, put into an empty home, resumes with all that was said", async () => {
    const home = join(scratch.root, "another home")
    const cwd = scratch.folder("my talk's")
    seedInto(home, [cwd])
    mkdirSync(projectFolder(home, cwd), { recursive: true })
    copyFileSync(exported, join(projectFolder(home, cwd), `${id}.jsonl`))
    const terminal = await scratch.terminal("elsewhere")
    await terminal.line(`HOME='${home}'`)
    await terminal.line(await resumeLine(home))
    await terminal.shows("mock reply to remember the blue kettle")
  })
})
