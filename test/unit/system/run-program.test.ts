/** Programs that are run and waited for. */
import { expect, test } from "bun:test"
import { runProgram } from "../../../src/system/process/run-program.ts"

test("one that has ended is waited for no longer than it was given, though it left another behind that holds its output", async () => {
  const signal = AbortSignal.timeout(300)
  const { code, stderr } = await runProgram(["sh", "-c", "sleep 60 & exit 0"], { signal })
  expect([code, stderr]).toEqual([0, ""])
})

test("one that does not end in time is ended", async () => {
  const { code } = await runProgram(["sleep", "60"], { signal: AbortSignal.timeout(100) })
  expect(code).toBeNull()
})
