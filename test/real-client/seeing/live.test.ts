import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { statSync } from "node:fs"
import { join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { asking, type Client, mayRun, openClient } from "../driving/client.ts"
import { subagentFiles, transcriptsOf } from "../driving/client-files.ts"
import { silentFor } from "../driving/silence.ts"
import { eachEntry, withRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(60_000)
const sleeping = '@@tool Bash {"command":"tail -f /dev/null","description":"d"}'
/** grep is a shim there: the client's own binary under its own name, and for as long as the pipe is open. */
const helper = { command: "tail -f /dev/null | grep never", run_in_background: true }

await eachEntry("a live client", withRegistry, (real) => {
  let scratch: ScratchHome
  let idle: Client, busy: Client, permission: Client, tool: Client
  let subagent: Client, background: Client, suspended: Client, unspoken: Client

  beforeAll(async () => {
    const folders = ["idle", "busy", "permission", "tool", "subagent", "background", "suspended", "unspoken"]
    scratch = await openScratchHome(real.executable, folders)
    const opened = folders.map((folder) =>
      openClient(scratch, folder, folder === "permission" ? asking : mayRun),
    )
    ;[idle, busy, permission, tool, subagent, background, suspended, unspoken] = (await Promise.all(
      opened,
    )) as [Client, Client, Client, Client, Client, Client, Client, Client]
    await Promise.all([
      idle.chat("good morning @@usage 4321"),
      busy.ask("think about it @@hang"),
      permission.ask('may you @@tool Bash {"command":"touch x","description":"d"}'),
      tool.ask(`do it yourself ${sleeping}`),
      subagent.ask(`delegate it @@tool Agent {"description":"dig","prompt":"${"dig @@hang"}"}`),
      background.ask(`serve it @@tool Bash ${JSON.stringify(helper)}`),
      suspended.ask("wait for it @@hang"),
    ])
    await suspended.recorded("wait for it @@hang")
    suspended.terminal.keys("C-z")
  })
  afterAll(() => scratch?.close())

  test("one that answered is waiting for you", async () => {
    const { sessionId } = await idle.says("idle")
    const transcript = idle.transcript() ?? ""
    const before = statSync(transcript).size // the client may still be writing what it notes of its own
    const entry = await scratch.entry(idle)
    expect(entry.sizeBytes).toBeWithin(before, statSync(transcript).size + 1)
    expect(entry).toMatchObject({
      id: sessionId,
      agent: "claude-code",
      state: "ACTIVE",
      detail: "waiting for you",
      flags: [],
      pid: idle.pid,
      tty: idle.terminal.tty,
      home: join(scratch.home, ".claude"),
      cwd: idle.cwd,
      version: real.version,
      transcript,
      contextTokens: 4321 + 20,
      candidates: [],
    })
  })

  test("one that was never spoken to is there, with its id and no transcript", async () => {
    const { sessionId } = await until("its registry file", () => unspoken.says("idle"))
    expect(transcriptsOf(scratch.home, unspoken.cwd)).toEqual([])
    expect(await scratch.entry(unspoken)).toMatchObject({
      id: sessionId,
      state: "ACTIVE",
      detail: "waiting for you",
      transcript: null,
      cwd: unspoken.cwd,
    })
  })

  test("one that waits for the model is working, and hung once it was silent for too long", async () => {
    await busy.says("busy")
    expect(await scratch.entry(busy)).toMatchObject({ state: "ACTIVE", detail: "working" })
    await silentFor(scratch, busy, 1500)
    const hung = await scratch.entry(busy, "--hung-after", "1s")
    expect(hung).toMatchObject({ state: "HUNG", detail: "silent mid-turn" })
    expect(hung.evidence.length).toBeGreaterThan(0)
  })

  test("one that asks for permission is not hung, however long it asks", async () => {
    await permission.says("waiting")
    await silentFor(scratch, permission, 1500)
    const entry = await scratch.entry(permission, "--hung-after", "1s")
    expect(entry).toMatchObject({ state: "ACTIVE", detail: "waiting for permission: Bash touch x" })
  })

  test("one whose tool runs for long is not hung", async () => {
    await tool.recorded('"tool_use"')
    await tool.runs("tail -f /dev/null")
    expect(await scratch.entry(tool)).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
    await silentFor(scratch, tool, 1500)
    const entry = await scratch.entry(tool, "--hung-after", "1s")
    expect(entry).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
  })

  test("a subagent's files belong to the session that sent it", async () => {
    await until("the subagent's transcript", () => subagentFiles(scratch.home, subagent.cwd)[0])
    const entry = await scratch.entry(subagent)
    expect(entry.state).toBe("ACTIVE")
    expect(entry.footprintFiles).toBeGreaterThanOrEqual(3)
  })

  test("one with a command in the background is waiting for you", async () => {
    await background.says("shell")
    expect(await scratch.entry(background)).toMatchObject({ state: "ACTIVE", detail: "waiting for you" })
  })

  test("one suspended by Ctrl-Z is hung at once, and says so", async () => {
    await suspended.terminal.shows("Stopped")
    expect(await scratch.entry(suspended)).toMatchObject({ state: "HUNG", detail: "suspended" })
  })

  test("no session is listed twice, and no helper process as one", async () => {
    const { sessions } = await scratch.status()
    const ours = sessions.filter((entry) => entry.home === join(scratch.home, ".claude"))
    expect(ours.map((entry) => entry.pid).sort()).toEqual(
      [idle, busy, permission, tool, subagent, background, suspended, unspoken].map((c) => c.pid).sort(),
    )
  })

  test("one that was hung is waiting for you again once the model has answered", async () => {
    scratch.api.release()
    await busy.recorded("mock reply to think about it")
    await busy.says("idle")
    const entry = await scratch.entry(busy, "--hung-after", "1s")
    expect(entry).toMatchObject({ state: "ACTIVE", detail: "waiting for you" })
  })
})
