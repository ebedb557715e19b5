import { afterEach, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, chmodSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { brokenGuarantees, committed } from "../export/export-invariants.ts"
import { isInstalled } from "../faults/harness/installed.ts"
import { idle } from "../fixtures/fake-clients.ts"
import { Machine } from "../fixtures/machine.ts"
import { makePassable } from "../fixtures/passable.ts"
import { descendantsOf, statOf } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, ignoresTerm, isThere, parent, writesOnTerm } from "./harness/clients.ts"
import { hasStrace, killing } from "./harness/signals.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const sent = (...names: string[]) => (hasStrace ? names : [])

describe("the document of kill --json", () => {
  test("has for each one what was done, what was saved, and what is left", async () => {
    const { pid } = await client(machine, id)
    const { code, json, signals } = await killing(machine, [id, "--force", "--json"])
    const [{ export: saved, ...kill }] = json.kills
    expect([code, signals]).toEqual([0, sent("SIGTERM")])
    expect(json).toMatchObject({ schemaVersion: 1, warnings: [] })
    expect(kill).toEqual({
      id,
      pid,
      outcome: "ended",
      reason: null,
      hint: null,
      exports: [saved],
      exportsAfter: [],
      companions: [],
      survivors: [],
      windows: [],
      terminal: null,
    })
    expect(Object.keys(saved)).toEqual([
      "id",
      "status",
      "path",
      "manifest",
      "bytes",
      "sha256",
      "files",
      "missing",
    ])
    expect(saved).toMatchObject({ id, status: "verified" })
    expect(readFileSync(saved.path)).toEqual(readFileSync(machine.transcriptPath(id, "/work/one")))
    expect(isThere(pid)).toBe(false)
  })

  test("the flag form, --kill ID, is the same command", async () => {
    const { pid } = await client(machine, id)
    const { code, json } = await machine.run(["--kill", id.slice(0, 8), "--force", "--json"])
    expect([code, json.kills[0].outcome, json.kills[0].pid]).toEqual([0, "ended", pid])
  })
})

test("one that ignores TERM is killed when its grace is over", async () => {
  const { pid } = await client(machine, id, ignoresTerm)
  const { code, json, signals } = await killing(machine, [id, "--force", "--json", "--grace", "200ms"])
  expect([code, json.kills[0].outcome, signals]).toEqual([0, "killed", sent("SIGTERM", "SIGKILL")])
  expect(isThere(pid)).toBe(false)
})

test("a suspended one hears TERM, because it is woken", async () => {
  const { pid } = await client(machine, id, writesOnTerm)
  process.kill(pid, "SIGSTOP")
  await until("it to be stopped", () => statOf(pid)[0] === "T")
  const { code, json, signals } = await killing(machine, [id, "--force", "--json"])
  expect([code, json.kills[0].outcome, signals]).toEqual([0, "ended", sent("SIGTERM", "SIGCONT")])
})

test("what it writes while it dies is exported too, whole", async () => {
  const { transcript } = await client(machine, id, writesOnTerm)
  const { code, json } = await machine.run(["kill", id, "--force", "--json"])
  const [
    {
      outcome,
      export: before,
      exportsAfter: [after],
    },
  ] = json.kills
  expect([code, outcome, before.status, after.status]).toEqual([0, "ended", "verified", "verified"])
  expect(readFileSync(after.path)).toEqual(readFileSync(transcript))
  expect(after.bytes).toBeGreaterThan(before.bytes)
  expect(brokenGuarantees(machine)).toEqual([])
})

describe("a client that was never spoken to", () => {
  test("is ended, and nothing is lost because there was nothing", async () => {
    const { pid } = await client(machine, id, idle, { silent: true })
    const { code, json } = await machine.run(["kill", String(pid), "--force", "--json"])
    const [{ outcome, export: saved, exportsAfter }] = json.kills
    expect([code, outcome, saved, exportsAfter]).toMatchObject([
      0,
      "ended",
      { status: "empty", path: null },
      [],
    ])
    expect(committed(machine)).toEqual([])
  })

  test("and writes its first words while it dies: they are exported", async () => {
    const script = `trap 'mkdir -p "\${1%/*}"; echo "{}" > "$1"; exit 0' TERM; ${idle}`
    const { pid, transcript } = await client(machine, id, script, { silent: true })
    const { code, json } = await machine.run(["kill", String(pid), "--force", "--json"])
    expect([code, json.kills[0].export.status, json.kills[0].exportsAfter[0].status]).toEqual([
      0,
      "empty",
      "verified",
    ])
    expect(readFileSync(json.kills[0].exportsAfter[0].path)).toEqual(readFileSync(transcript))
  })

  test.each(["with", "without"])(
    "%s a registry file, under a home that cannot be read: it is not taken for one without a transcript",
    async (registry) => {
      const cwd = machine.root
      machine.transcript(id, { cwd, age: -1000 })
      const program = ["setpriv", "--bounding-set=-all", "--inh-caps=-all", "--reuid=0"] // root, who may not read all
      const sleeper = machine.copy("/bin/sleep", join(machine.root, "claude"))
      const target = machine.start([...program, sleeper, "300"], { cwd })
      if (registry === "with") machine.registry(target, id)
      await until("it to run", () => readFileSync(`/proc/${target.pid}/comm`, "utf8") === "claude\n")
      const projects = join(machine.claude, "projects")
      chmodSync(projects, 0)
      const { code, json, signals } = await killing(machine, [String(target.pid), "--force", "--json"], {
        program,
      })
      chmodSync(projects, 0o700)
      expect([code, json.kills[0].outcome, signals]).toEqual([1, "failed", []])
      expect(json.kills[0].reason).toContain("projects")
      expect(isThere(target.pid)).toBe(true)
    },
  )
})

describe("what it had started", () => {
  test("lives on and is listed with what it is", async () => {
    const { pid } = await client(machine, id, parent)
    await until("its children", () => descendantsOf(pid).length === 2)
    const children = descendantsOf(pid)
    const { code, json } = await machine.run(["kill", id, "--force", "--json"])
    expect([code, json.kills[0].outcome]).toEqual([0, "ended"])
    expect(json.kills[0].survivors).toEqual([
      { pid: children[0], command: "sleep 301" },
      { pid: children[1], command: "sleep 302" },
    ])
    expect(children.map(isThere)).toEqual([true, true])
    for (const child of children) process.kill(child, "SIGKILL")
  })

  test("is ended with --tree, be it deaf or suspended, and nothing else is", async () => {
    const stubborn = machine.copy("/bin/bash", `${machine.root}/stubborn`)
    const script = `setsid ${stubborn} -c "trap '' TERM; ${idle}" < /dev/zero & setsid sleep 303 & ${idle}`
    const { pid } = await client(machine, id, script)
    const other = await client(machine, sessionId(2), idle, { cwd: "/work/two" })
    await until("its children", () => descendantsOf(pid).length === 2)
    const children = descendantsOf(pid)
    process.kill(children[1] ?? 0, "SIGSTOP")
    const { code, json } = await machine.run(["kill", id, "--force", "--json", "--tree"])
    expect([code, json.kills[0].outcome, json.kills[0].survivors]).toEqual([0, "ended", []])
    expect([...children.map(isThere), isThere(other.pid)]).toEqual([false, false, true])
  })
})

test.if(process.getuid?.() === 0 && isInstalled("setpriv"))(
  "of what it had started, another user's is not ended with --tree: it is listed",
  async () => {
    makePassable(machine.root)
    const theirs = machine.copy("/bin/sleep", join(machine.root, "theirs"))
    const script = `setpriv --reuid=65534 --clear-groups ${theirs} 306 & sleep 307 & ${idle}`
    const { pid } = await client(machine, id, script)
    const named = (name: string) =>
      descendantsOf(pid).find((each) => readFileSync(`/proc/${each}/comm`, "utf8") === `${name}\n`)
    const other = await until("the other user's", () => named("theirs"))
    const own = await until("its own", () => named("sleep"))
    const { code, json } = await machine.run(["kill", id, "--force", "--json", "--tree"])
    expect([code, json.kills[0].outcome]).toEqual([0, "ended"])
    expect(json.kills[0].survivors).toMatchObject([{ pid: other }])
    expect([isThere(other), isThere(own)]).toEqual([true, false])
    process.kill(other, "SIGKILL")
  },
)

describe("in words", () => {
  test("says what was saved where, how it left, and what to type next", async () => {
    const { pid } = await client(machine, id, writesOnTerm)
    const { code, stdout } = await machine.run(["kill", id, "--force"])
    expect(code).toBe(0)
    expect(stdout).toContain(
      `ENDED      ${id.slice(0, 8)} · please mend the login page · pid ${pid} · no terminal · it exited on TERM`,
    )
    expect(stdout).toMatch(/^ +saved: \d+ B, verified$/m)
    expect(stdout).toMatch(/^Saved in \S+pending-anthropic$/m)
    expect(stdout).toContain("with what it wrote while exiting")
    expect(stdout.trimEnd()).toEndWith(`Next: session-rescue --resume ${id.slice(0, 8)}`)
  })

  test("one that was killed did not leave by itself", async () => {
    await client(machine, id, ignoresTerm)
    const { stdout } = await machine.run(["kill", id, "--force", "--grace", "1s"])
    expect(stdout).toContain("it did not exit within 1 s and was killed")
  })
})

test("two at once are ended one after the other, and an unchanged one is not copied twice", async () => {
  const one = await client(machine, id)
  const two = await client(machine, sessionId(2), ignoresTerm, { cwd: "/work/two" })
  appendFileSync(two.transcript, "{}\n")
  await machine.run(["export", "--all"])
  const args = ["kill", id, String(two.pid), "--force", "--json", "--grace", "100ms"]
  const { code, json } = await machine.run(args)
  const seen = json.kills.map((kill: { pid: number; outcome: string; export: { status: string } }) => [
    kill.pid,
    kill.outcome,
    kill.export.status,
  ])
  expect([code, seen]).toEqual([
    0,
    [
      [one.pid, "ended", "unchanged"],
      [two.pid, "killed", "unchanged"],
    ],
  ])
  expect(committed(machine)).toHaveLength(2)
})

test("where it cannot be told which transcript is its own, each is saved first", async () => {
  const cwd = machine.root
  const { pid } = await machine.client({ cwd })
  machine.transcript(sessionId(1), { cwd, age: -1000 })
  machine.transcript(sessionId(2), { cwd, age: -1000 })
  const { code, json } = await machine.run(["kill", String(pid), "--force", "--json"])
  expect([code, json.kills[0].outcome]).toEqual([0, "ended"])
  const saved = json.kills[0].exports.map((each: { id: string; status: string }) => [each.id, each.status])
  expect(saved.sort()).toEqual([
    [sessionId(1), "verified"],
    [sessionId(2), "verified"],
  ])
})
