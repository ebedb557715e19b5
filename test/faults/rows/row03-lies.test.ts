/** Row 3. Broken: reads and writes that lie. Injected: "done" with nothing done, whole and short. Held: as in row 2. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { brokenByAny, stepsOf } from "../harness/steps.ts"
import { type FaultTarget, faultTarget } from "../harness/target.ts"
import { able } from "../tools.ts"

const ready = able("3", "strace")
let machine: FaultTarget
beforeAll(() => {
  machine = faultTarget()
})
afterAll(() => machine.dispose())

test.if(ready).each(["mkdir", "unlinkat"])("%s claims what it has not done", async (name) => {
  const faults = (await stepsOf(machine, [name])).map(({ when }) => ({
    call: name,
    when,
    effect: "retval=0",
  }))
  expect(await brokenByAny("3", machine, faults)).toEqual([])
})

test.if(ready)("link and rename claim what they have not done", async () => {
  const faults = (await stepsOf(machine, ["link", "rename"])).map(({ name, when }) => ({
    call: name,
    when,
    effect: "retval=0",
  }))
  expect(await brokenByAny("3", machine, faults)).toEqual([])
})

test.if(ready).each(["pwrite64", "pread64"])("%s claims what it has not done", async (name) => {
  const steps = await stepsOf(machine, [name])
  const faults = steps.flatMap(({ when, line }) => {
    const length = Number(/= (\d+)$/.exec(line)?.[1])
    const lies = new Set([length, length >> 1, 1, 0].filter((count) => count <= length))
    return [...lies].map((count) => ({ call: name, when, effect: `retval=${count}` }))
  })
  expect(faults.length).toBeGreaterThan(20)
  expect(await brokenByAny("3", machine, faults)).toEqual([])
})
