/** Rows 1 to 3 of a session so large that its beginning is read back while its end is still being written. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { flushIntervalBytes } from "../../../src/rescue/io/chunk-sizes.ts"
import type { Answer } from "../../fixtures/machine.ts"
import { injected } from "../harness/counters.ts"
import { traced } from "../harness/inject.ts"
import { brokenLarge } from "../harness/large.ts"
import { type FaultTarget, faultTarget, id, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const row = "1–3 (stretches)"
const ready = able(row, "strace", "a disk that copies")

let machine: FaultTarget
beforeAll(() => {
  machine = faultTarget({ bytes: 2.5 * flushIntervalBytes })
})
afterAll(() => machine.dispose())

/** A flush that fails is final. */
const believed = ({ code }: Answer) => (code === 0 ? ["what failed to be flushed was believed"] : [])

test.if(ready)(
  "a disk that is at some time refused past the kernel's memory has it the plain way",
  async () => {
    const wrong: string[] = []
    let met = 0
    for (let when = 1; when <= 8; when++) {
      machine.fresh()
      const refused = { call: "fcntl", when, effect: "error=EINVAL" }
      const { answer, hit } = await traced(machine, ["export", id, "--json"], ["fcntl"], [refused])
      const found = wrongAfter(machine, answer)
      if (answer.code !== 0) found.push(`fcntl #${when}: exit ${answer.code}`)
      if (hit) injected(row, 1, found.length > 0 ? 1 : 0)
      met += hit ? 1 : 0
      wrong.push(...found)
    }
    expect([wrong, met > 2]).toEqual([[], true])
  },
)

test.if(ready)(
  "dies when a part has not reached the disk and a later one has: nothing is left over",
  async () => {
    machine.fresh()
    const part = 1 << 20
    const unwritten = { call: "pwrite64", when: 4, effect: `retval=${part}` }
    const death = { call: "fdatasync", when: 1, effect: "signal=SIGKILL" }
    await traced(machine, ["export", id, "--json"], ["pwrite64", "fdatasync"], [unwritten, death])
    const pending = join(machine.data, "sessions-export-pending-anthropic")
    const [left = ""] = readdirSync(pending).filter((name) => name.endsWith(".tmp"))
    const copy = readFileSync(join(pending, left, "session.jsonl"))
    const holes = copy.indexOf(Buffer.alloc(part))
    const wrong = await wrongAgain(machine)
    injected(row, 1, wrong.length > 0 ? 1 : 0)
    expect([holes > 0 && holes + part < copy.length, wrong]).toEqual([true, []])
  },
)

/** Each of two threads does every second step, more or less. */
const half = flushIntervalBytes / 2 / (1 << 20)
const lies = [1 << 19, 4711, 0].map((count) => `retval=${count}`)
const failures = ["EIO", "ENOSPC", "EINVAL"].map((code) => `error=${code}`)

test.if(ready).each([
  ["pwrite64", 2 * half + 2, [...lies, ...failures, "signal=SIGKILL"]],
  ["pread64", 4, [...lies, ...failures, "signal=SIGKILL"]],
  ["pread64", half + 3, [...lies, ...failures]],
  ["fdatasync", 1, [...failures, "signal=SIGKILL"]],
] as const)(
  "%s, number %d of a thread, dies, fails, or claims what it has not done, while the copy is written and compared",
  async (call, when, effects) => {
    const wrong: string[] = []
    const also = call === "fdatasync" ? believed : undefined
    for (const effect of effects)
      wrong.push(...(await brokenLarge(row, machine, { call, when, effect }, also)))
    expect(wrong).toEqual([])
  },
)
