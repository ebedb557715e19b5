/** Rows 1 to 3 of a session so large that its parts are written and read several at a time, past the kernel's memory. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { truncateSync, utimesSync } from "node:fs"
import { traced } from "../harness/inject.ts"
import { brokenLarge } from "../harness/large.ts"
import { type FaultTarget, faultTarget, id, wrongAfter, wrongAgain } from "../harness/target.ts"
import { able } from "../tools.ts"

const row = "1–3 (large)"
const ready = able(row, "strace", "a disk that copies")
/** Every thread counts for itself, and which part falls to which is chance: the first, and one on the way. */
const places = [1, 6]

let machine: FaultTarget
beforeAll(() => {
  machine = faultTarget({ bytes: 20e6 })
})
afterAll(() => machine.dispose())

const step = 1 << 20
const lies = [step, step >> 1, 4711, 1, 0].map((count) => `retval=${count}`)
const errors = ["EIO", "ENOSPC", "EINVAL", "EINTR", "EAGAIN"].map((code) => `error=${code}`)

test.if(ready).each(["pwrite64", "pread64"])(
  "%s of a large copy dies, fails, or claims what it has not done",
  async (call) => {
    const wrong: string[] = []
    for (const when of places) {
      for (const effect of [...lies, ...errors, "signal=SIGKILL"])
        wrong.push(...(await brokenLarge(row, machine, { call, when, effect })))
    }
    expect(wrong).toEqual([])
  },
)

test.if(ready)(
  "a disk that will not be written or read past the kernel's memory has it the plain way",
  async () => {
    machine.fresh()
    const refused = [{ call: "fcntl", when: "1+", effect: "error=EINVAL" }] as const
    const { answer, hit } = await traced(machine, ["export", id, "--json"], ["fcntl"], refused)
    expect([answer.code, hit, wrongAfter(machine, answer)]).toEqual([0, true, []])
  },
)

test.if(ready)(
  "a write that did only some of the last part is gone on with: what forbids the rest is named",
  async () => {
    const size = 17 << 20
    const source = machine.sources[0] ?? ""
    truncateSync(source, size)
    utimesSync(source, 1e9, 1e9) // nobody is at work on it
    machine.fresh()
    const blocks = size / 512 - 8
    const { code, stdout } = await machine.export(["sh", "-c", `ulimit -f ${blocks}; exec "$@"`, "sh"])
    expect([code, JSON.parse(stdout).failures[0]?.code]).toEqual([1, "FILE_TOO_LARGE"])
    expect(await wrongAgain(machine)).toEqual([])
  },
)
