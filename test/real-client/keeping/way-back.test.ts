/** Folders that are gone, moved, or very deep: the line that is printed brings the conversation back all the same. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { cpSync, renameSync, rmSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { openClient } from "../driving/client.ts"
import { registered } from "../driving/client-files.ts"
import type { ResumeDocument } from "../harness/contract.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)

/** So deep that its name under projects/ is cut and ends in a number. */
const deep = `deep/${"abcdefghij-klmn/".repeat(14)}end`
const folders = [".", "talk", "moved", deep, "elsewhere"]

await eachClient("a way back in the real client", withRegistry, (real) => {
  let scratch: ScratchHome
  let id: string

  /** What `resume --json` says of it, and where the session is now that the line was pasted. */
  async function paste(line: string) {
    const terminal = await scratch.terminal("elsewhere")
    await terminal.line(line)
    await terminal.shows("mock reply to remember the blue kettle")
    const pid = await terminal.child()
    const entry = await scratch.entry({ pid })
    process.kill(pid)
    await until("it to end", () => !isAlive(pid), { show: terminal.screen })
    return entry
  }
  const resume = async () => {
    const outcome = await scratch.product("resume", "--json", id, "--data-dir", scratch.data)
    const [line] = outcome.json<ResumeDocument>().resumes
    expect([outcome.code, line?.reason]).toEqual([0, null])
    return line?.command ?? ""
  }
  const filedUnder = async (folder: string) => {
    const outcome = await scratch.product("resume", id, "--folder", folder, "--data-dir", scratch.data)
    expect([outcome.code, outcome.stderr]).toEqual([0, ""])
    return outcome.stdout.trimEnd().split("\n").at(-1) ?? ""
  }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, folders)
    const client = await openClient(scratch, "talk")
    await client.chat("remember the blue kettle")
    id = registered(scratch.home, client.pid)?.sessionId ?? ""
    await client.kill("SIGTERM")
    cpSync(join(scratch.home, ".claude/projects"), join(scratch.root, "as it was"), { recursive: true })
  })
  afterAll(() => scratch?.close())

  test("its folder is gone", async () => {
    rmSync(scratch.folder("talk"), { recursive: true })
    const entry = await paste(await resume())
    expect(entry.id).toBe(id)
  })

  test.each([["moved"], [deep]])("it is filed under a folder of one's own: %s", async (name) => {
    rmSync(join(scratch.home, ".claude/projects"), { recursive: true })
    cpSync(join(scratch.root, "as it was"), join(scratch.home, ".claude/projects"), { recursive: true })
    rmSync(scratch.folder("talk"), { recursive: true, force: true })
    const line = await filedUnder(scratch.folder(name))
    expect(line).toBe(`cd '${scratch.folder(name)}' && claude --resume ${id}`)
    expect(await paste(line)).toMatchObject({ id, cwd: scratch.folder(name) })
    // gone on there, the id alone means that copy
    expect(await paste(await resume())).toMatchObject({ id, cwd: scratch.folder(name) })
  })

  test("its project folder was renamed with its folder", async () => {
    const projects = join(scratch.home, ".claude/projects")
    const nameOf = (folder: string) => join(projects, folder.replace(/[^A-Za-z0-9]/g, "-"))
    rmSync(projects, { recursive: true })
    cpSync(join(scratch.root, "as it was"), projects, { recursive: true })
    rmSync(scratch.folder("talk"), { recursive: true, force: true })
    renameSync(nameOf(scratch.folder("talk")), nameOf(scratch.folder("moved")))
    const line = await resume()
    expect(line).toBe(`cd '${scratch.folder("moved")}' && claude --resume ${id}`)
    expect(await paste(line)).toMatchObject({ id, cwd: scratch.folder("moved") })
  })
})
