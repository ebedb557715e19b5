/** A session that a tool of another one runs ends with it: it is saved first, and named. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { readFileSync } from "node:fs"
import { until } from "../../fixtures/until.ts"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { registered, transcriptsOf } from "../driving/client-files.ts"
import { end } from "../driving/killing.ts"
import type { KillDocument } from "../harness/contract.ts"
import { eachClient, withRegistry } from "../harness/each-client.ts"
import { isAlive } from "../harness/processes.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)

await eachClient("sessions inside a session", withRegistry, (real) => {
  let scratch: ScratchHome
  let outer: Client
  const inner = { pid: 0, id: "" }

  beforeAll(async () => {
    scratch = await openScratchHome(real.executable, ["outer", "inner"])
    outer = await openClient(scratch, "outer", mayRun)
    const nest = (folder: string, prompt: string) => {
      const command = `cd ${scratch.folder(folder)} && claude -p '${prompt}'`
      return `@@tool Bash ${JSON.stringify({ command, timeout: 600_000, description: "d" })}`
    }
    await outer.ask(`ask another ${nest("inner", "inner question @@hang")}`)
    const found = await until("the inner session", () => entryIn("inner"))
    Object.assign(inner, found)
    await until("its transcript", () => transcriptsOf(scratch.home, scratch.folder("inner"))[0])
  })
  afterAll(() => scratch?.close())

  const entryIn = (folder: string) => {
    const cwd = scratch.folder(folder)
    const pids = [...new Bun.Glob("*.json").scanSync({ cwd: `${scratch.home}/.claude/sessions` })].map(
      (name) => Number.parseInt(name, 10),
    )
    const entry = pids.map((pid) => registered(scratch.home, pid)).find((each) => each?.cwd === cwd)
    return entry === undefined ? undefined : { pid: entry.pid, id: entry.sessionId }
  }

  test("it is a session of its own", async () => {
    expect(await scratch.entry({ pid: inner.pid })).toMatchObject({
      id: inner.id,
      state: "ACTIVE",
      mode: "headless",
    })
  })

  test("a dry run says that it ends with the other, not that it is left running", async () => {
    const args = ["kill", String(outer.pid), "--dry-run", "--force", "--json", "--data-dir", scratch.data]
    const [kill] = (await scratch.product(...args)).json<KillDocument>().kills
    expect(kill).toMatchObject({ outcome: "would-end", companions: [{ id: inner.id, pid: inner.pid }] })
    expect(kill?.survivors.map(({ pid }) => pid)).not.toContain(inner.pid)
    expect([isAlive(outer.pid), isAlive(inner.pid)]).toEqual([true, true])
  })

  test("ended with the other, it is saved to its last word", async () => {
    const [transcript = ""] = transcriptsOf(scratch.home, scratch.folder("inner"))
    const kill = await end(scratch, outer)
    const ended = !isAlive(inner.pid)
    expect(kill).toMatchObject({
      outcome: "ended",
      companions: [{ id: inner.id, pid: inner.pid, ended }],
    })
    if (real.takesToolsAlong) expect(ended).toBe(true)
    const saved = kill.exports.filter(({ id }) => id === inner.id).at(-1)
    expect(saved?.status).toBe("verified")
    const later = (await scratch.product("export", inner.id, "--json", "--data-dir", scratch.data)).json<{
      exports: { status: string; path: string }[]
    }>()
    if (ended) expect(later.exports[0]?.status).toBe("unchanged") // its last words are among what was saved
    expect(readFileSync(later.exports[0]?.path ?? "").equals(readFileSync(transcript))).toBe(true)
  })
})
