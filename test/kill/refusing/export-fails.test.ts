/** An export that fails at any of its steps: the client lives, and no signal left the program. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { join } from "node:path"
import { exportCalls, touching, traced } from "../../faults/harness/inject.ts"
import { Machine } from "../../fixtures/machine.ts"
import { sessionId } from "../../fixtures/talk/conversation.ts"
import { client, isThere } from "../harness/clients.ts"
import { hasStrace } from "../harness/signals.ts"

setDefaultTimeout(60_000)
let machines: Machine[] = []
beforeEach(() => {
  machines = Array.from({ length: 3 }, () => new Machine())
})
afterEach(() => Promise.all(machines.map((machine) => machine.dispose())))

const id = sessionId(1)
/** Each has an id of its own: every client of this run is seen, whichever machine's home it works in. */
const ready = async (machine: Machine) => {
  const target = await client(machine, sessionId(machines.indexOf(machine) + 1))
  machine.write(target.transcript.replace(".jsonl", "/subagents/agent-1.jsonl"), "{}\n")
  return target
}
const errors = ["ENOSPC", "EIO", "EACCES", "EMFILE"]
const ending = ["kill", "tkill", "pidfd_send_signal"]

test.if(hasStrace)("a step of the export that fails ends nothing", async () => {
  const [first] = machines as [Machine]
  const before = await ready(first)
  const dry = await traced(first, ["export", id], exportCalls)
  const steps = touching(dry.calls, first.data)
  expect(new Set(steps.map((call) => call.name)).size).toBe(exportCalls.length)
  expect(isThere(before.pid)).toBe(true)

  const wrong: string[] = []
  const queue = steps.map(({ name, when }, index) => ({
    call: name,
    when,
    effect: `error=${errors[index % errors.length]}`,
  }))
  const work = async (machine: Machine) => {
    let target = machine === first ? before : await ready(machine)
    for (let fault = queue.shift(); fault !== undefined; fault = queue.shift()) {
      await Bun.$`rm -rf ${machine.data}`
      const names = [fault.call, ...ending]
      const { answer, calls, hit } = await traced(machine, ["kill", target.id, "--force", "--json"], names, [
        fault,
      ])
      const said = `${fault.call} #${fault.when} ${fault.effect}: exit ${answer.code}`
      const signalled = calls.filter(({ name }) => ending.includes(name)).map(({ line }) => line)
      // what only tidies up may fail without harm; then the client may be ended, but only with an export
      const outcome = answer.code === 0 ? answer.json.kills[0] : null
      if (
        outcome !== null &&
        outcome.export.status === "verified" &&
        ["unlinkat", "fchmod"].includes(fault.call)
      ) {
        if (isThere(target.pid)) wrong.push(`${said}: it is still there`)
        target = await ready(machine)
        continue
      }
      if (!hit) wrong.push(`${said}: not met`)
      if (![1, 4].includes(answer.code)) wrong.push(said)
      if (signalled.length > 0) wrong.push(`${said}: ${signalled}`)
      if (!isThere(target.pid)) wrong.push(`${said}: it is gone`)
    }
  }
  await Promise.all(machines.map(work))
  expect(wrong).toEqual([])
})

test.if(hasStrace)("a data folder that cannot be flushed is no proof, and ends nothing", async () => {
  const [machine] = machines as [Machine]
  const { pid } = await client(machine, id)
  const { calls } = await traced(machine, ["export", id], ["fsync"])
  const folder = calls.findLast(({ line }) =>
    line.includes(`${join(machine.data, "sessions-export-pending-anthropic")}>`),
  )
  await Bun.$`rm -rf ${machine.data}`
  const fault = { call: "fsync", when: folder?.when ?? 0, effect: "error=EIO" }
  const { answer, calls: seen } = await traced(
    machine,
    ["kill", id, "--force", "--json"],
    ["fsync", ...ending],
    [fault],
  )
  expect(answer.json.kills[0]).toMatchObject({ outcome: "refused", export: { status: "unconfirmed" } })
  expect([answer.code, seen.filter(({ name }) => name !== "fsync"), isThere(pid)]).toEqual([4, [], true])
})
