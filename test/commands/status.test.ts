import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { idle } from "../fixtures/fake-clients.ts"
import { type Answer, Machine, tree } from "../fixtures/machine.ts"
import { childrenOf, startTick } from "../fixtures/processes.ts"
import { conversation, record, sessionId, user } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client } from "../kill/harness/clients.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

test("status writes nothing anywhere", async () => {
  machine.transcript(sessionId(1))
  const before = tree(machine.root)
  expect((await machine.run(["--status"])).code).toBe(0)
  expect((await machine.run([])).code).toBe(0)
  expect(tree(machine.root)).toEqual(before)
})

test("an idle client is ACTIVE and waits for its user, however long", async () => {
  const client = await machine.client()
  machine.registry(client, sessionId(1), { statusUpdatedAt: Date.now() - 3 * 86_400_000 })
  machine.transcript(sessionId(1), { age: 3 * 86_400_000 })
  const { json } = await machine.run(["status", "--json"])
  expect(json.sessions).toHaveLength(1)
  expect(json.sessions[0]).toMatchObject({
    id: sessionId(1),
    state: "ACTIVE",
    detail: "waiting for you",
    pid: client.pid,
    tty: null,
    flags: ["no-terminal"],
    title: "please mend the login page",
    cwd: "/work/one",
    gitBranch: "main",
    contextTokens: 1020,
    footprintFiles: 1,
  })
})

const day = 86_400_000
const ids = (answer: Answer) => answer.json.sessions.map((each: { id: string }) => each.id)

describe("what is shown without --all", () => {
  test("what crashed however long ago, what is about to be deleted unsaved, and then the closed ones", async () => {
    for (let number = 1; number <= 12; number++)
      machine.transcript(sessionId(number), { age: number * 3_600_000 })
    machine.transcript(sessionId(20), { age: 8 * day, open: true })
    machine.transcript(sessionId(21), { age: 22 * day, open: true })
    for (const number of [30, 31, 32]) machine.transcript(sessionId(number), { age: (number - 6) * day })
    const shown = await machine.run(["status", "--json"])
    const expected = [20, 21, 30, 31, 32, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12].map(sessionId)
    expect(ids(shown)).toEqual(expected)
    const needs = shown.json.sessions.map(({ need }: { need: string }) => need)
    expect([...new Set(needs)]).toEqual(["crashed", "unsaved", "closed"])
    expect(shown.json.notShown).toBe(0)
    const { stdout } = await machine.run(["status"])
    expect(stdout).toContain("3 unsaved sessions deleted within 7 days: session-rescue --export")
    expect(stdout).toContain("2 crashed · 3 about to be deleted · 12 closed (12 not saved)")
  })

  test("ten thousand are read, with --all every one, and the rest is counted", async () => {
    for (let number = 1; number <= 10_003; number++)
      machine.transcript(sessionId(number), { age: number * 60_000 })
    const shown = await machine.run(["status", "--json"])
    expect([ids(shown).length, shown.json.notShown]).toEqual([10_000, 3])
    expect((await machine.run(["status"])).stdout).toContain(
      "3 older sessions not read: session-rescue status --all",
    )
    const all = await machine.run(["status", "--json", "--all"])
    expect([ids(all).length, all.json.notShown]).toEqual([10_003, 0])
  })

  test("saved ones raise no alarm, and a crashed one stays crashed until it is dismissed or goes on", async () => {
    const path = machine.transcript(sessionId(1), { age: 2 * day, open: true })
    machine.transcript(sessionId(2), { age: 26 * day })
    expect((await machine.run(["export", "--all"])).code).toBe(0)
    const needs = async () =>
      (await machine.run(["status", "--json"])).json.sessions.map(({ need }: { need: string }) => need)
    expect(await needs()).toEqual(["crashed", "closed"])
    expect((await machine.run(["dismiss", sessionId(1)])).stdout).toContain("dismissed a0000001")
    expect(await needs()).toEqual(["closed", "closed"])
    expect((await machine.run(["dismiss", sessionId(1), "--undo"])).stdout).toContain("alarm again a0000001")
    expect(await needs()).toEqual(["crashed", "closed"])
    await machine.run(["dismiss", "--all"])
    expect(await needs()).toEqual(["closed", "closed"])
    appendFileSync(path, record({ id: sessionId(1), cwd: "/work/one", at: new Date() }, 5, user("and again")))
    expect(await needs()).toEqual(["crashed", "closed"])
  })

  test("a live session is always shown, however old its transcript", async () => {
    const client = await machine.client()
    machine.registry(client, sessionId(1))
    machine.transcript(sessionId(1), { age: 20 * day })
    expect(ids(await machine.run(["status", "--json"]))).toEqual([sessionId(1)])
  })

  test("a client that was just opened comes first, though nothing of it is on disk", async () => {
    machine.transcript(sessionId(1))
    machine.registry(await machine.client(), sessionId(2))
    expect(ids(await machine.run(["status", "--json"]))).toEqual([sessionId(2), sessionId(1)])
  })

  test("newest activity comes first, with --sort size the largest", async () => {
    machine.transcript(sessionId(1), { age: 3_000 })
    const text = conversation({
      id: sessionId(2),
      cwd: "/work/one",
      at: new Date(Date.now() - 60_000),
      prompt: "x".repeat(9_000),
    })
    machine.transcript(sessionId(2), { age: 60_000, text })
    machine.transcript(sessionId(3), { age: 30_000 })
    expect(ids(await machine.run(["status", "--json"]))).toEqual([1, 3, 2].map(sessionId))
    expect(ids(await machine.run(["status", "--json", "--sort", "size"]))[0]).toBe(sessionId(2))
  })
})

describe("what a session takes", () => {
  test("is that of its process and all below it; a session inside another counts for itself alone", async () => {
    const holding =
      "globalThis.held = Buffer.alloc(96 << 20, 1); require('fs').writeFileSync(process.argv[1], ''); setInterval(() => {}, 1e6)"
    const [ready, script] = [join(machine.root, "ready"), join(machine.root, "inner.sh")]
    const program = machine.copy("/bin/bash", join(machine.root, "inner/claude-code-linux-x64/claude"))
    machine.write(script, `"${process.execPath}" -e "${holding}" "${ready}" & wait`)
    const outer = await client(machine, sessionId(1), `sleep 304 & setsid "${program}" "${script}" & ${idle}`)
    const inner = await until("the inner one", () =>
      childrenOf(outer.pid).find((pid) => readFileSync(`/proc/${pid}/cmdline`, "latin1").includes(script)),
    )
    await until("it to hold its memory", () => existsSync(ready))
    machine.registry({ pid: inner, procStart: startTick(inner) }, sessionId(2), { cwd: "/work/two" })
    machine.transcript(sessionId(2), { cwd: "/work/two", age: day })
    machine.transcript(sessionId(3), { age: 1_000 })
    const answer = await machine.run(["status", "--json", "--sort", "memory"])
    expect(ids(answer)).toEqual([2, 1, 3].map(sessionId))
    const [held, little, nothing] = answer.json.sessions.map((each: { uses: unknown }) => each.uses)
    expect(nothing).toBeNull()
    expect([held.processes, little.processes]).toEqual([2, 2])
    expect(held.memoryBytes).toBeGreaterThan(96 << 20)
    expect(little.memoryBytes).toBeLessThan(96 << 20)
    expect(held.cpuMs).toBeGreaterThan(0)
    expect(held.ageMs).toBeLessThan(60_000)
    const shown = await machine.run(["status", "--sort", "memory"])
    expect(shown.stdout).toMatch(/^ACTIVE .* · 1\d\d MB · .*a0000002$/m)
    const one = await machine.run(["status", sessionId(2)])
    expect(one.stdout).toMatch(
      /^processes +\d+ MB of memory in 2 processes · \d+ s of CPU · running for \d+ s$/m,
    )
  })
})

describe("the last line says what to type next", () => {
  const last = async () => (await machine.run(["status"])).stdout.trimEnd().split("\n").at(-1)

  test("with no client at all", async () => {
    const { code, stdout } = await machine.run(["status"])
    expect(code).toBe(0)
    expect(stdout).toContain("no client is running")
    expect(stdout).toContain("CLAUDE_CONFIG_DIR=")
  })

  test("with only ended sessions", async () => {
    machine.transcript(sessionId(1))
    expect(await last()).toContain("session-rescue --resume")
  })

  test("with a hung one", async () => {
    const client = await machine.client()
    machine.registry(client, sessionId(1), { status: "busy", statusUpdatedAt: Date.now() - day })
    machine.transcript(sessionId(1), { open: true, age: day })
    const { stdout } = await machine.run(["status", "--hung-after", "1ms"])
    expect(stdout).toContain("1 hung")
    expect(stdout).toContain(`Next: session-rescue --export ${client.pid}`)
  })
})

test("the config file's words hold where no flag says otherwise, and its mistakes stop nothing", async () => {
  const client = await machine.client()
  machine.registry(client, sessionId(1), { status: "busy", statusUpdatedAt: Date.now() - day })
  machine.transcript(sessionId(1), { open: true, age: day })
  const config = join(machine.home, ".config/session-rescue/config.toml")
  machine.write(config, 'hung_after = "1ms"\nconstructor = 1\nhomes = "no list"\n')
  const { json, code } = await machine.run(["status", "--json"])
  expect([code, json.sessions[0].state]).toEqual([0, "HUNG"])
  expect(json.warnings.join("\n")).toContain('the key "constructor" is unknown')
  expect(json.warnings.join("\n")).toContain('"homes" was left out')
  const flagged = await machine.run(["status", "--json", "--hung-after", "1h"])
  expect(flagged.json.sessions[0].state).toBe("ACTIVE")
  machine.write(config, "hung_after = \n[[[")
  const broken = await machine.run(["status"])
  expect([broken.code, broken.stderr]).toEqual([0, expect.stringContaining("is not valid TOML")])
})

test("a home where nothing is: no command sends one in a circle", async () => {
  const last = async (...args: string[]) => {
    const { code, stdout } = await machine.run(args)
    expect([args, code]).toEqual([args, 0])
    return stdout.trimEnd().split("\n").slice(-2).join(" ")
  }
  for (const args of [["status"], ["export"], ["export", "--all"], ["resume"]])
    expect(await last(...args)).toMatch(
      /^No session was found; .* Next: nothing to save here\. Another client home/,
    )
  for (const args of [["verify"], ["list"]])
    expect(await last(...args)).toStartWith("Nothing has been exported yet. Next: session-rescue --export")
})
