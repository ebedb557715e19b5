/** Rows 1 to 3 of a session so large that its beginning is read back while its end is still being written. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { stretch } from "../../src/rescue/steps.ts"
import { traced } from "./inject.ts"
import { id, type Subject, subject, wrongAfter, wrongAgain } from "./subject.ts"
import { injected } from "./tally.ts"
import { able } from "./tools.ts"

const row = "1–3 (stretches)"
const ready = able(row, "strace")

let machine: Subject
beforeAll(() => {
  machine = subject({ bytes: 1.4 * stretch })
})
afterAll(() => machine.dispose())

/** A disk that is busy elsewhere may for once be too slow for a flush on the way. */
const tries = 5

async function broken(call: string, when: number, effect: string): Promise<string[]> {
  const wrong: string[] = []
  let met = false
  for (let time = 0; time < tries && !met; time++) {
    machine.fresh()
    const { answer, hit } = await traced(machine, ["export", id, "--json"], [call], [{ call, when, effect }])
    met = hit
    wrong.push(...wrongAfter(machine, answer))
    if (hit && call === "fdatasync" && answer.code === 0) wrong.push("what failed to be flushed was believed")
  }
  if (!met) wrong.push("the fault missed")
  wrong.push(...(await wrongAgain(machine)))
  injected(row, 1, wrong.length > 0 ? 1 : 0)
  return wrong.map((what) => `${call} #${when} ${effect}: ${what}`)
}

/** Each of two threads does every second step, more or less. */
const half = stretch / 2 / (1 << 20)
const lies = [1 << 19, 4711, 0].map((count) => `retval=${count}`)
const failures = ["EIO", "ENOSPC", "EINVAL"].map((code) => `error=${code}`)

test.if(ready).each([
  ["pwrite64", half + 6, [...lies, ...failures, "signal=SIGKILL"]],
  ["pread64", 4, [...lies, ...failures, "signal=SIGKILL"]],
  ["pread64", half + 3, [...lies, ...failures]],
  ["fdatasync", 1, [...failures, "signal=SIGKILL"]],
] as const)(
  "%s, number %d of a thread, dies, fails, or claims what it has not done, while the copy is written and compared",
  async (call, when, effects) => {
    const wrong: string[] = []
    for (const effect of effects) wrong.push(...(await broken(call, when, effect)))
    expect(wrong).toEqual([])
  },
)
