/** Which process of Codex runs which thread, and what ends with it. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { join } from "node:path"
import { addRollout, codex, startTool, threadId } from "../../fixtures/codex.ts"
import { Machine } from "../../fixtures/machine.ts"
import { statOf } from "../../fixtures/processes.ts"
import { until } from "../../fixtures/until.ts"

let machine: Machine
let cwd: string
beforeEach(() => {
  machine = new Machine()
  cwd = join(machine.root, "work")
})
afterEach(() => machine.dispose())

const [one, two] = [threadId(1), threadId(2)]
const isAlive = (pid: number) => statOf(pid)[0] !== "Z"

async function sessions(...args: string[]) {
  const { json } = await machine.run(["status", "--json", ...args])
  return json.sessions
}
const says = (session: { evidence: { message: string }[] }) =>
  session.evidence.map((each) => each.message).join("\n")
const byId = (found: { id: string }[], id: string) => found.find((each) => each.id === id)

test("a client has the thread whose rollout it has open", async () => {
  const path = addRollout(machine, { id: one, cwd })
  addRollout(machine, { id: two, cwd })
  const { pid } = await codex(machine, { words: ["resume"], open: [path], cwd })
  const found = await sessions()
  expect(byId(found, one)).toMatchObject({ pid, state: "ACTIVE", detail: "waiting for you" })
  expect(byId(found, two)).toMatchObject({ pid: null })
})

test("one in which nothing was said has its lock only, and nothing to lose", async () => {
  const { pid } = await codex(machine, { words: ["resume"], locks: [one], cwd })
  expect(await sessions()).toMatchObject([{ id: one, pid, transcript: null, state: "ACTIVE" }])
  expect((await machine.run(["export", one, "--json"])).json.exports).toMatchObject([{ status: "empty" }])
})

test("mid-turn and silent is HUNG; with a tool below it, it runs a tool", async () => {
  const path = addRollout(machine, { id: one, cwd, last: "call", age: 5_000 })
  const client = await codex(machine, { words: ["resume"], open: [path], cwd })
  const silent = await until("it to be silent for long", async () => {
    const [found] = await sessions("--hung-after", "100ms")
    return found.state === "HUNG" && found
  })
  expect(silent).toMatchObject({ detail: "silent, cause unknown" })
  const tool = await startTool(client)
  const [atWork] = await sessions("--hung-after", "100ms")
  expect(atWork).toMatchObject({ state: "ACTIVE", detail: "running a tool" })
  expect(says(atWork)).toContain(`process ${tool}`)
})

describe("a service", () => {
  test("runs the threads that are mid-turn; one that it only keeps loaded is as closed", async () => {
    const open = addRollout(machine, { id: one, cwd, last: "open" })
    const done = addRollout(machine, { id: two, cwd })
    const { pid } = await codex(machine, { words: ["app-server"], open: [open, done], cwd })
    const found = await sessions("--all")
    expect(byId(found, one)).toMatchObject({ pid, state: "ACTIVE", detail: "working", mode: "background" })
    expect(byId(found, two)).toMatchObject({ pid: null, state: "ORPHANED", detail: "closed" })
    expect(says(byId(found, one) as never)).toContain("no window was opened for it")
  })

  test("ended for one thread ends all it runs: each is saved first, and named", async () => {
    const paths = [one, two].map((id) => addRollout(machine, { id, cwd, last: "open" }))
    const service = await codex(machine, { words: ["app-server"], open: paths, cwd })
    const { json, code } = await machine.run(["kill", one, "--force", "--json"])
    expect(code).toBe(0)
    expect(json.kills).toMatchObject([{ id: one, outcome: "ended", companions: [{ id: two, ended: true }] }])
    const saved = json.kills[0].exports.map(({ id, status }: { id: string; status: string }) => [id, status])
    expect(saved.toSorted()).toEqual(
      [
        [one, "verified"],
        [two, "verified"],
      ].toSorted(),
    )
    await service.exited
  })

  test("of which one thread is at work: what stops that turn alone is said before", async () => {
    const open = addRollout(machine, { id: one, cwd, last: "open" })
    const other = addRollout(machine, { id: two, cwd, last: "open" })
    await codex(machine, { words: ["app-server"], open: [open, other], cwd })
    const { stdout } = await machine.run(["kill", one, "--dry-run"])
    expect(stdout).toContain("To stop its turn alone, and end nothing: codex agents, choose it, and press x")
  })

  test("that is gone leaves its window behind: its thread is not held, and says where that waits", async () => {
    const window = await codex(machine, { words: ["resume", one], cwd })
    addRollout(machine, { id: one, cwd, last: "open" })
    const [found] = await sessions("--all")
    expect(found).toMatchObject({ id: one, pid: null, state: "ORPHANED", detail: "ended mid-turn" })
    expect(says(found)).toContain(
      `its window (pid ${window.pid}) waits for Codex's service, which does not run`,
    )
  })

  test("is known to the window that was opened for a thread, and the window is not its session", async () => {
    const window = await codex(machine, { words: ["resume", one], cwd })
    const path = addRollout(machine, { id: one, cwd })
    const service = await codex(machine, { words: ["app-server"], open: [path], cwd })
    const [found] = await sessions()
    expect(found).toMatchObject({ id: one, pid: service.pid, mode: "interactive" })
    expect(says(found)).toContain(`opened by pid ${window.pid}`)
    const shown = await machine.run(["kill", one, "--dry-run", "--json"])
    expect(shown.json.kills).toMatchObject([{ windows: [{ pid: window.pid }] }])
    expect((await machine.run(["kill", one, "--dry-run"])).stdout).toContain(
      `(pid ${window.pid}) only shows it and stays open without a session: then leave with Ctrl-C`,
    )
    const { code, stderr } = await machine.run(["kill", String(window.pid), "--force"])
    expect([code, stderr]).toEqual([4, expect.stringContaining("runs on without it")])
    expect(isAlive(window.pid) && isAlive(service.pid)).toBe(true)
  })
})

test.each([["codex-linux-sandbox"], ["apply_patch"]])("a helper called %s holds no session", async (name) => {
  const path = addRollout(machine, { id: one, cwd })
  const program = machine.copy("/bin/bash", join(machine.root, "codex-bin/codex"))
  const script = machine.write(join(machine.root, "helper.sh"), `exec 9>>'${path}'; echo; read -r line`)
  machine.start([program, script], { argv0: name, cwd })
  expect(await sessions("--all")).toMatchObject([{ id: one, pid: null }])
})

describe("from inside a thread's own tool", () => {
  test("its variable names it: CURRENT, and never ended", async () => {
    const path = addRollout(machine, { id: one, cwd, last: "open" })
    const { pid } = await codex(machine, { words: ["resume"], open: [path], cwd })
    const env = { CODEX_THREAD_ID: one }
    const { json } = await machine.run(["status", "--json"], { env })
    expect(json.sessions).toMatchObject([{ id: one, state: "CURRENT", pid }])
    const kill = await machine.run(["kill", one, "--force"], { env })
    expect([kill.code, kill.stdout]).toEqual([4, expect.stringContaining("CODEX_THREAD_ID names it")])
    expect(isAlive(pid)).toBe(true)
  })

  test("in its sandbox no process is seen: it is CURRENT all the same, and the limit is said", async () => {
    addRollout(machine, { id: one, cwd, last: "open" })
    addRollout(machine, { id: two, cwd, last: "open" })
    const { json } = await machine.run(["status", "--json"], { env: { CODEX_THREAD_ID: one } })
    expect(byId(json.sessions, one)).toMatchObject({ state: "CURRENT", pid: null })
    expect(byId(json.sessions, two)).toMatchObject({ state: "ORPHANED" })
    expect(json.warnings.join()).toContain("cannot be seen")
  })
})
