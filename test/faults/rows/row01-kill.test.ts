/** Row 1. Broken: the process. Injected: SIGKILL at every system call of an export. Held: whole or absent; a rerun. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { brokenByAny, looking, stepsOf, working } from "../harness/steps.ts"
import { type FaultTarget, faultTarget } from "../harness/target.ts"
import { able } from "../tools.ts"

const ready = able("1", "strace")
const umask = process.umask()
let machine: FaultTarget
beforeAll(() => {
  process.umask(0) // whatever is there at the moment of a kill must be private all the same
  machine = faultTarget()
})
afterAll(() => {
  process.umask(umask)
  return machine.dispose()
})

test.if(ready)("killed at any step, an export is whole or absent, and the next one tidies up", async () => {
  const steps = await stepsOf(machine, [...working, ...looking])
  const faults = steps.map(({ name, when }) => ({ call: name, when, effect: "signal=SIGKILL" }))
  expect(faults.length).toBeGreaterThan(150)
  expect(await brokenByAny("1", machine, faults)).toEqual([])
})
