import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import { basename, join } from "node:path"
import { until } from "../../fixtures/until.ts"
import { type Client, mayRun, openClient } from "../driving/client.ts"
import { projectFolder, subagentFiles, transcriptsOf } from "../driving/client-files.ts"
import { silentFor } from "../driving/silence.ts"
import { eachClient, withoutRegistry } from "../harness/each-client.ts"
import { openScratchHome, type ScratchHome } from "../harness/scratch-home.ts"

setDefaultTimeout(90_000)

await eachClient("a client that keeps no registry", withoutRegistry, (real) => {
  let scratch: ScratchHome
  let idle: Client, busy: Client, tool: Client, subagent: Client
  let interrupted: Client, unspoken: Client, one: Client, two: Client

  beforeAll(async () => {
    const folders = ["idle", "busy", "tool", "subagent", "interrupted", "unspoken", "shared"]
    scratch = await openScratchHome(real.executable, folders)
    const opened = [...folders, "shared"].map((folder) => openClient(scratch, folder, mayRun))
    ;[idle, busy, tool, subagent, interrupted, unspoken, one, two] = (await Promise.all(opened)) as Eight
    await Promise.all([
      idle.chat("good morning @@usage 4321"),
      busy.ask("think about it @@hang"),
      tool.ask('do it yourself @@tool Bash {"command":"sleep 300","description":"d"}'), // to read /dev it asks first
      subagent.ask(`delegate it @@tool Task ${JSON.stringify(dig)}`),
      interrupted.ask("never mind @@hang"),
      one.chat("first of two"),
      two.chat("second of two"),
    ])
    await interrupted.terminal.shows("esc to interrupt")
    interrupted.terminal.keys("Escape")
  })
  afterAll(() => scratch?.close())

  test("one that answered is waiting for you, and is found by its folder", async () => {
    const [transcript = ""] = transcriptsOf(scratch.home, idle.cwd)
    expect(await scratch.entry(idle)).toMatchObject({
      id: basename(transcript, ".jsonl"),
      state: "ACTIVE",
      detail: "waiting for you",
      tty: idle.terminal.tty,
      home: join(scratch.home, ".claude"),
      cwd: idle.cwd,
      version: real.version,
      transcript,
      contextTokens: 4321 + 20,
    })
  })

  test("one that waits for the model is working, and hung once it was silent for too long", async () => {
    await busy.recorded("think about it")
    expect(await scratch.entry(busy)).toMatchObject({ state: "ACTIVE", detail: "working" })
    await silentFor(scratch, busy, 1500)
    const hung = await scratch.entry(busy, "--hung-after", "1s")
    expect(hung).toMatchObject({ state: "HUNG", detail: "silent, cause unknown" })
  })

  test("one whose tool runs for long is not hung", async () => {
    await tool.recorded('"tool_use"')
    await tool.runs("sleep 300")
    await silentFor(scratch, tool, 1500)
    const entry = await scratch.entry(tool, "--hung-after", "1s")
    expect(entry).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
  })

  test("one whose subagent works is alive", async () => {
    await until("the subagent to ask", () => scratch.api.asked("dig deep"))
    const [transcript = ""] = transcriptsOf(scratch.home, subagent.cwd)
    const entry = await scratch.entry(subagent)
    expect(entry).toMatchObject({ id: basename(transcript, ".jsonl"), state: "ACTIVE" })
    expect(entry.footprintFiles).toBeGreaterThan(subagentFiles(scratch.home, subagent.cwd).length)
  })

  test("one that was interrupted is waiting for you, however long ago", async () => {
    await interrupted.recorded("[Request interrupted by user]")
    await silentFor(scratch, interrupted, 1500)
    const entry = await scratch.entry(interrupted, "--hung-after", "1s")
    expect(entry).toMatchObject({ state: "ACTIVE", detail: "waiting for you" })
  })

  test("one that was never spoken to is there once, with all it has on disk so far", async () => {
    const { sessions } = await scratch.status()
    const project = projectFolder(scratch.home, unspoken.cwd)
    const its = sessions.filter(
      (entry) => entry.pid === unspoken.pid || entry.transcript?.startsWith(`${project}/`),
    )
    expect(its.map(({ pid, state, detail }) => ({ pid, state, detail }))).toEqual([
      { pid: unspoken.pid, state: "ACTIVE", detail: "waiting for you" },
    ])
  })

  test("two clients in one folder: said to be ambiguous, with both candidates", async () => {
    const candidates = transcriptsOf(scratch.home, one.cwd).sort()
    expect(candidates).toHaveLength(2)
    for (const client of [one, two]) {
      const entry = await scratch.entry(client)
      expect(entry).toMatchObject({ id: null, pid: client.pid, state: "ACTIVE" })
      expect(entry.flags).toContain("ambiguous")
      expect(entry.candidates.map((candidate) => candidate.transcript).sort()).toEqual(candidates)
    }
  })

  test("no subagent's file is taken for a session", async () => {
    const { sessions } = await scratch.status()
    const names = sessions.map((entry) => basename(entry.transcript ?? ""))
    expect(names.filter((name) => name.startsWith("agent-"))).toEqual([])
    const alone = [idle, busy, tool, subagent, interrupted].map((client) => client.cwd)
    const listed = sessions.filter((entry) => alone.includes(entry.cwd ?? "")).map((entry) => entry.cwd)
    expect(listed.sort()).toEqual(alone.sort())
  })
})

const dig = { description: "dig", prompt: "dig deep @@hang", subagent_type: "general-purpose" }
type Eight = [Client, Client, Client, Client, Client, Client, Client, Client]
