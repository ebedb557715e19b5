/** What changes between the list and the signals: the last look counts. */
import { afterEach, beforeEach, expect, setDefaultTimeout } from "bun:test"
import type { LeftoverScan } from "../../src/operations/reap/find.ts"
import type { Leftover } from "../../src/operations/reap/leftover.ts"
import { reap } from "../../src/operations/reap/reap.ts"
import { linuxProcesses } from "../../src/system/process/linux.ts"
import { Machine, type StartedProgram } from "../fixtures/machine.ts"
import { isThere, trapped } from "../kill/harness/clients.ts"
import { test } from "./isolated.ts"

setDefaultTimeout(60_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

async function leftover(program: StartedProgram): Promise<Leftover> {
  const process = (await linuxProcesses().list()).find(({ pid }) => pid === program.pid)
  if (process === undefined) throw new Error(`${program.pid} is not there`)
  const about = { kind: "server", command: "sleep", session: null, below: [], why: "", but: null } as const
  return { ...about, process, standing: "certain" }
}

interface Change {
  /** What each look shows; the last one counts for all that follow. */
  readonly looks: readonly ((one: Leftover) => LeftoverScan)[]
  readonly answer?: boolean
  readonly calledOff?: boolean
}

const asBefore = (one: Leftover): LeftoverScan => ({ leftovers: [one], reasonNotToSignal: () => null })
const inUse = (one: Leftover): LeftoverScan => ({
  leftovers: [one],
  reasonNotToSignal: () => "somebody needs it",
})

async function reaping(program: StartedProgram, { looks, answer = true, calledOff = false }: Change) {
  const one = await leftover(program)
  let seen = 0
  const [report] = await reap([one], {
    async scan() {
      const look = looks[Math.min(seen++, looks.length - 1)]
      if (look === undefined) throw new Error("nothing is to be looked at")
      return look(one)
    },
    confirm: async () => answer,
    isCalledOff: () => calledOff,
    onTerm() {},
  })
  return { outcome: report?.outcome, reason: report?.reason, lives: isThere(program.pid) }
}

const sleep = () => machine.start(["sleep", "313"])

test("nothing has changed: it is ended", async () => {
  expect(await reaping(sleep(), { looks: [asBefore] })).toEqual({
    outcome: "ended",
    reason: null,
    lives: false,
  })
})

test.each<[string, (one: Leftover) => LeftoverScan, string]>([
  [
    "it is no leftover any more",
    () => ({ leftovers: [], reasonNotToSignal: () => null }),
    "it has exited or is in use again",
  ],
  [
    "it is not certain any more",
    (one) => ({ ...asBefore(one), leftovers: [{ ...one, standing: "unsure", but: "a port" }] }),
    "a port",
  ],
  [
    "it must not be ended any more",
    (one) => ({ ...asBefore(one), leftovers: [{ ...one, standing: "kept", but: "a session" }] }),
    "a session",
  ],
  [
    "another process has its number",
    (one) => ({ ...asBefore(one), leftovers: [{ ...one, process: { ...one.process, startMark: "1" } }] }),
    "it has exited or is in use again",
  ],
])("in the moment before TERM %s", async (_, look, reason) => {
  expect(await reaping(sleep(), { looks: [look] })).toEqual({ outcome: "refused", reason, lives: true })
})

test("in the moment before TERM a living client needs it", async () => {
  expect(await reaping(sleep(), { looks: [inUse] })).toMatchObject({
    outcome: "refused",
    reason: expect.stringContaining("somebody needs it"),
    lives: true,
  })
})

test("in the moment before KILL somebody needs it", async () => {
  const ignoresTerm = machine.start(["bash", "-c", "trap '' TERM; while read -r line; do :; done"])
  await trapped(ignoresTerm.pid)
  expect(await reaping(ignoresTerm, { looks: [asBefore, inUse] })).toMatchObject({
    outcome: "still-alive",
    reason: expect.stringContaining("somebody needs it"),
    lives: true,
  })
})

test("the answer is No, or it is called off", async () => {
  const [one, other] = [sleep(), sleep()]
  expect(await reaping(one, { looks: [asBefore], answer: false })).toMatchObject({
    outcome: "declined",
    lives: true,
  })
  expect(await reaping(other, { looks: [asBefore], calledOff: true })).toMatchObject({
    outcome: "declined",
    lives: true,
  })
})
