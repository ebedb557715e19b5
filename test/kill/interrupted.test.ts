import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { existsSync, readFileSync, truncateSync } from "node:fs"
import { join } from "node:path"
import { committed, leftovers } from "../export/export-invariants.ts"
import { idle } from "../fixtures/fake-clients.ts"
import { binary, Machine } from "../fixtures/machine.ts"
import { childrenOf } from "../fixtures/processes.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"
import { until } from "../fixtures/until.ts"
import { client, isThere } from "./harness/clients.ts"
import { hasStrace, watched } from "./harness/signals.ts"

setDefaultTimeout(60_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const read = (name: string) => readFileSync(join(machine.root, name), "utf8")

function killing(...args: string[]) {
  const strace = watched(machine)
  const command = [...strace.program, binary, "kill", id, "--force", "--json", ...args]
  const env = { SESSION_RESCUE_DATA: machine.data }
  const run = machine.start(["sh", "-c", '"$@" > out 2> err; echo $? > code', "sh", ...command], { env })
  const pid = () => {
    const below = childrenOf(run.pid)[0] ?? 0
    return hasStrace ? (childrenOf(below)[0] ?? 0) : below
  }
  return { run, pid, signals: strace.signals }
}

test("Ctrl-C while it is saved ends nothing: 130, and no signal left the program", async () => {
  const target = await client(machine, id)
  truncateSync(target.transcript, 900 << 20)
  const { run, pid, signals } = killing()
  await until("it to be copied", () => leftovers(machine).length === 1)
  process.kill(pid(), "SIGINT")
  await run.exited
  expect([read("code").trim(), signals(), isThere(target.pid)]).toEqual(["130", [], true])
  expect(JSON.parse(read("out")).error).toMatchObject({ code: "INTERRUPTED" })
  expect([committed(machine), leftovers(machine)]).toEqual([[], []])
})

test("after TERM it is heard no more, however often: the report is whole and the rest is saved", async () => {
  const script = `trap 'echo "{}" >> "$1"; touch "$2.heard"' TERM; ${idle}`
  const target = await client(machine, id, script)
  const { run, pid } = killing("--grace", "1s")
  await until("TERM to arrive", () => existsSync(join(machine.root, `ready-${id}.heard`)))
  const us = pid()
  for (const signal of ["SIGINT", "SIGINT", "SIGTERM", "SIGHUP", "SIGINT"] as const) process.kill(us, signal)
  await run.exited
  const [kill] = JSON.parse(read("out")).kills
  expect([read("code").trim(), kill.outcome, isThere(target.pid)]).toEqual(["0", "killed", false])
  expect(kill.exportsAfter[0].status).toBe("verified")
  expect(readFileSync(kill.exportsAfter[0].path)).toEqual(readFileSync(target.transcript))
})

test("and of two the second is left alone: both are told, 130", async () => {
  const script = `trap 'touch "$2.heard"' TERM; ${idle}`
  const first = await client(machine, id, script)
  const second = await client(machine, sessionId(2), idle, { cwd: "/work/two" })
  const { run, pid, signals } = killing(String(second.pid), "--grace", "500ms")
  await until("TERM to arrive", () => existsSync(join(machine.root, `ready-${id}.heard`)))
  process.kill(pid(), "SIGINT")
  await run.exited
  const { kills } = JSON.parse(read("out"))
  expect(kills.map((kill: { pid: number; outcome: string }) => [kill.pid, kill.outcome])).toEqual([
    [first.pid, "killed"],
  ])
  expect([read("code").trim(), isThere(second.pid)]).toEqual(["130", true])
  if (hasStrace) expect(signals().filter((line) => /SIG(TERM|KILL)/.test(line))).toHaveLength(2)
})
