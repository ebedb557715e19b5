import { afterEach, beforeEach, expect, test } from "bun:test"
import { rmSync, truncateSync, utimesSync, writeFileSync } from "node:fs"
import { hasStrace, traced } from "../../faults/harness/inject.ts"
import { isInstalled } from "../../faults/harness/installed.ts"
import { binary, Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { until } from "../../fixtures/until.ts"
import { brokenGuarantees, committed, leftovers } from "../export-invariants.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

/** An export that has saved a small session and is busy with a large one. */
async function busy() {
  const large = machine.transcript(sessionId(2))
  truncateSync(large, 600 << 20)
  const earlier = Date.now() / 1000 - 60
  utimesSync(large, earlier, earlier) // within one millisecond either could be the newest
  machine.transcript(sessionId(1), { age: 0 }) // the newest goes first
  const env = { SESSION_RESCUE_DATA: machine.data }
  const run = machine.start([binary, "export", sessionId(1), sessionId(2)], { env })
  await until(
    "the large session to be copied",
    () => committed(machine).length === 1 && leftovers(machine).length === 1,
  )
  return run
}

test("Ctrl-C ends an export with 130, keeps what is complete and leaves nothing else", async () => {
  const run = await busy()
  process.kill(run.pid, "SIGINT")
  expect(await run.exited).toBe(130)
  expect(committed(machine)).toHaveLength(1)
  expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
}, 60_000)

test("a second Ctrl-C leaves at once, and the next export tidies up", async () => {
  const run = await busy()
  for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) process.kill(run.pid, signal)
  expect(await run.exited).toBe(130)
  expect(committed(machine)).toHaveLength(1)
  truncateSync(machine.transcriptPath(sessionId(2), "/work/one"), 700 << 20)
  expect((await machine.run(["export", sessionId(2), "--json"])).json.exports[0].status).toBe("verified")
  expect(leftovers(machine)).toEqual([])
}, 60_000)

test.if(hasStrace)(
  "bytes that only a killed export still has are kept, and the next one says where",
  async () => {
    const transcript = machine.transcript(sessionId(1))
    const fault = { call: "link", when: 1, effect: "signal=SIGKILL" } as const
    await traced(machine, ["export", sessionId(1)], ["link"], [fault])
    expect(leftovers(machine)).toHaveLength(1)
    writeFileSync(transcript, '{"type":"user","cwd":"/work/one"}\n')
    const { code, json } = await machine.run(["export", sessionId(1), "--json"])
    const [kept = ""] = leftovers(machine)
    expect([code, json.exports[0].status]).toEqual([0, "verified"])
    expect(json.warnings).toEqual([expect.stringContaining(kept)])
    expect(kept).toEndWith(".tmp")
  },
)

test.if(isInstalled("script"))("on a terminal a line says which session is being saved", async () => {
  machine.transcript(sessionId(1))
  machine.transcript(sessionId(2))
  const program = ["sh", "-c", 'script -qec "$*" /dev/null', "sh"]
  const { stdout } = await machine.run(["export", "--all"], {
    program,
    env: { TERM: "xterm", SHELL: "/bin/sh" },
  })
  expect(stdout).toContain("saving 1/2")
  expect(stdout).toContain("saving 2/2")
})

test("on a pipe nothing but the result is printed", async () => {
  machine.transcript(sessionId(1))
  const plain = await machine.run(["export", "--all"])
  expect([plain.stderr, plain.stdout.includes("\u001b"), plain.stdout.includes("saving")]).toEqual([
    "",
    false,
    false,
  ])
  expect((await machine.run(["export", "--all", "--json"])).stderr).toBe("")
})

test.if(hasStrace).each(["fadvise64", "link", "unlinkat"])(
  "Ctrl-C at any time keeps whole groups of small sessions, and counts them (%s)",
  async (call) => {
    for (let number = 1; number <= 130; number++) machine.transcript(sessionId(number)) // more than one group
    for (const when of [3, 150, 230]) {
      rmSync(machine.data, { recursive: true, force: true })
      const fault = { call, when, effect: "signal=SIGINT" } as const
      const { answer } = await traced(machine, ["export", "--all", "--json"], [call], [fault])
      const exports: { status: string }[] = answer.json.exports
      expect(exports.map(({ status }) => status)).toEqual(committed(machine).map(() => "verified"))
      // of the last group all may be saved before the signal is noticed
      expect([answer.code, exports.length < 130]).toEqual(
        answer.code === 0 ? [0, false] : [130, exports.length < 130],
      )
      expect([...brokenGuarantees(machine), ...leftovers(machine)]).toEqual([])
    }
    expect((await machine.run(["export", "--all", "--json"])).json.exports).toHaveLength(130)
    expect(committed(machine)).toHaveLength(130)
  },
  60_000,
)
