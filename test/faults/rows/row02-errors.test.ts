/** Row 2. Broken: one system call of an export. Injected: every errno. Held: never "verified" unless it is; a rerun. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { brokenByAny, looking, stepsOf, working } from "../harness/steps.ts"
import { type FaultTarget, faultTarget } from "../harness/target.ts"
import { able } from "../tools.ts"

const errors = ["ENOSPC", "EIO", "EACCES", "EPERM", "EMFILE", "ENFILE", "EXDEV", "EDQUOT", "EROFS", "EINTR"]

const ready = able("2", "strace")
let machine: FaultTarget
beforeAll(() => {
  machine = faultTarget()
})
afterAll(() => machine.dispose())

test.if(ready).each([...working])("every %s fails with every errno", async (name) => {
  const steps = await stepsOf(machine, [name])
  const faults = steps.flatMap(({ when }) =>
    errors.map((code) => ({ call: name, when, effect: `error=${code}` })),
  )
  expect(await brokenByAny("2", machine, faults)).toEqual([])
})

test.if(ready).each([...looking])("every %s fails, with errnos in turn", async (name) => {
  const steps = await stepsOf(machine, [name])
  const faults = steps.flatMap(({ when }, index) =>
    [0, 3].map((more) => ({ call: name, when, effect: `error=${errors[(index + more) % errors.length]}` })),
  )
  expect(await brokenByAny("2", machine, faults)).toEqual([])
})
