/** What clients that are gone have left running: seen, listed, ended. */
import { afterEach, beforeEach, expect, setDefaultTimeout } from "bun:test"
import { readFileSync } from "node:fs"
import { binary } from "../fixtures/machine.ts"
import { childrenOf } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { isThere } from "../kill/harness/clients.ts"
import { watched } from "../kill/harness/signals.ts"
import { describe, test } from "./isolated.ts"
import { ignoresTerm, LeavingMachine, listed } from "./leftover-processes.ts"

setDefaultTimeout(60_000)
const id = sessionId(1)
let machine: LeavingMachine
beforeEach(() => {
  machine = new LeavingMachine()
})
afterEach(() => machine.dispose())

const everything = () => {
  const { server, hook, tool } = machine.starts
  return [server("server", id, ignoresTerm), hook("hook", id), tool("tool", id)].join("\n")
}

test("a client that crashed leaves a server, a hook and a tool: doctor names them, reap lists and ends them", async () => {
  const pids = await machine.crashed(id, everything(), ["server", "hook", "tool"])
  const [server = 0, hook = 0, tool = 0] = pids
  const ran = childrenOf(tool)
  const doctor = await machine.run(["doctor", "--json"])
  const finding = doctor.json.findings.find((each: { topic: string }) => each.topic === "processes")
  expect(finding.level).toBe("advice")
  for (const pid of pids) expect(finding.says).toContain(`${pid} (`)

  const seen = await listed(machine)
  expect(seen.get(server)).toMatchObject({
    kind: "server",
    standing: "certain",
    session: id,
    outcome: "would-end",
  })
  expect(seen.get(hook)).toMatchObject({ kind: "hook", standing: "certain" })
  expect(seen.get(tool)).toMatchObject({ kind: "tool", standing: "certain" })
  expect(seen.get(tool)?.below.map(({ pid }) => pid)).toEqual(ran)
  expect(ran).toHaveLength(1)
  expect(pids.every(isThere)).toBe(true)
  const shown = await machine.run(["reap", "--dry-run"])
  expect(shown.stdout).toMatch(
    new RegExp(
      `^LEFT OVER  MCP or language server · pid ${server} · \\d+ s old · .*\\n +of session a0000001 · `,
      "m",
    ),
  )
  expect(shown.stdout).toEndWith("3 left over · nothing was ended\nNext: session-rescue reap\n")

  const strace = watched(machine)
  const { code, json } = await machine.run(["reap", "--force", "--json"], { program: strace.program })
  expect(code).toBe(0)
  const outcomes = Object.fromEntries(
    json.leftovers.map((each: { pid: number; outcome: string }) => [each.pid, each.outcome]),
  )
  expect(outcomes).toEqual({ [server]: "killed", [hook]: "ended", [tool]: "ended" })
  expect([...pids, ...ran].filter(isThere)).toEqual([])
  for (const signal of strace.signals()) expect(signal).toMatch(/^pidfd_send_signal \d+, SIG(TERM|KILL),/)
  expect((await machine.run(["doctor"])).stdout).toContain(
    "no process names a session whose client has exited",
  )
})

test("completion offers what could be ended", async () => {
  const [server = 0] = await machine.crashed(id, machine.starts.server("server", id), ["server"])
  const offered = async (...words: string[]) =>
    (await machine.run(["complete", "--", "reap", ...words])).stdout
  expect(await offered("")).toBe(`${server}\tsleep 301\n`)
  expect(await offered(String(server), "")).toBe("")
})

test("nothing left over is no failure, and says so", async () => {
  for (const flags of [[], ["--force"], ["--dry-run"]]) {
    const { code, stdout } = await machine.run(["reap", ...flags])
    expect([flags, code, stdout]).toEqual([flags, 0, expect.stringContaining("Nothing is left over")])
  }
})

test("where nobody can be asked nothing is ended: exit 4", async () => {
  const [server = 0] = await machine.crashed(id, machine.starts.server("server", id), ["server"])
  const { code, stdout, stderr } = await machine.run(["reap"])
  expect([code, stderr]).toEqual([4, expect.stringContaining("add --force")])
  expect(stdout).toContain(`pid ${server}`)
  const asJson = await machine.run(["reap", "--json"])
  expect([asJson.code, asJson.json.error.code, isThere(server)]).toEqual([4, "REFUSED", true])
})

describe("the question", () => {
  async function asked(answer: string) {
    const [server = 0] = await machine.crashed(id, machine.starts.server("server", id), ["server"])
    let shown = ""
    const asking = machine.start([binary, "reap"], {
      env: { SESSION_RESCUE_DATA: machine.data, TERM: "xterm" },
      terminal: {
        cols: 160,
        rows: 40,
        data(_, bytes) {
          shown += Buffer.from(bytes).toString()
        },
      },
    })
    await until("the question", () => shown.includes("Each gets TERM"), { show: () => shown })
    expect(shown.indexOf("LEFT OVER")).toBeLessThan(shown.indexOf(`End it (pid ${server})?`))
    asking.say(answer)
    return { code: await asking.exited, lives: isThere(server) }
  }

  test("has No for its default", async () => expect(await asked("\r")).toEqual({ code: 0, lives: true }))
  test("is answered with Ctrl-C", async () =>
    expect(await asked("\u0003")).toEqual({ code: 130, lives: true }))
  test("ends them after a Yes", async () => expect(await asked("y")).toEqual({ code: 0, lives: false }))
})

describe("named", () => {
  test("only that one is ended", async () => {
    const [one = 0, two = 0] = await machine.crashed(
      id,
      [machine.starts.tool("one", id), machine.starts.tool("two", id)].join("\n"),
      ["one", "two"],
    )
    expect((await machine.run(["reap", String(two), "--force"])).code).toBe(0)
    expect([isThere(one), isThere(two)]).toEqual([true, false])
  })

  test("what is no pid, no process, or no leftover", async () => {
    const [tool = 0] = await machine.crashed(id, machine.starts.tool("tool", id), ["tool"])
    const [inside = 0] = childrenOf(tool)
    const answer = async (name: string | number) => {
      const { code, json } = await machine.run(["reap", String(name), "--force", "--json"])
      return [code, json.error.message]
    }
    expect(await answer("pts/3")).toEqual([2, '"pts/3" is not a pid'])
    expect(await answer(0)).toEqual([2, '"0" is not a pid'])
    expect(await answer(1)).toEqual([4, expect.stringContaining("process 1 is not ended")])
    expect(await answer(4_000_000)).toEqual([3, "no such process: 4000000"])
    expect(await answer(inside)).toEqual([4, expect.stringContaining(`was started by process ${tool}`)])
    const stranger = machine.start(["sleep", "305"])
    expect(await answer(stranger.pid)).toEqual([4, expect.stringContaining("is not left over")])
    expect(await answer(process.pid)).toEqual([4, expect.stringContaining("this program runs inside it")])
    expect([tool, inside, stranger.pid].every(isThere)).toBe(true)
  })
})

test("a shell of the oldest clients, which name no session, is known by what it reads first", async () => {
  const [tool = 0] = await machine.crashed(id, machine.starts.tool("tool", null), ["tool"])
  expect((await listed(machine)).get(tool)).toMatchObject({
    kind: "tool",
    standing: "certain",
    session: null,
  })
  expect(readFileSync(`/proc/${tool}/environ`, "utf8")).not.toContain("CLAUDE_CODE_SESSION_ID")
})
