/** The order of calls on a copy so large that its beginning is read back while its end is still being written. */
import { afterAll, beforeAll, expect, test } from "bun:test"
import { flushIntervalBytes } from "../../../src/rescue/io/chunk-sizes.ts"
import { type Fault, hasStrace, traced } from "../../faults/harness/inject.ts"
import { type FaultTarget, faultTarget, id } from "../../faults/harness/target.ts"
import { copiesHere } from "../../fixtures/disk.ts"

interface Step {
  readonly name: string
  readonly began: number
  readonly ended: number
  readonly line: string
  /** What of the file it was about. */
  readonly from: number
  readonly end: number
}

let machine: FaultTarget
beforeAll(() => {
  machine = faultTarget({ bytes: 2.5 * flushIntervalBytes })
})
afterAll(() => machine.dispose())

/** One export's calls on the copy, with when each began and ended. */
async function steps(...faults: Fault[]): Promise<readonly Step[]> {
  machine.fresh()
  const names = ["pwrite64", "pread64", "fdatasync", "fsync", "fadvise64"]
  const { answer, log } = await traced(machine, ["export", id, "--json"], names, faults)
  expect(answer).toMatchObject({ code: 0 })
  const under = new Map<string, { began: number; text: string }>()
  return log.split("\n").flatMap((line, at) => {
    const [, pid = "", rest = ""] = /^(\d+) +(.*)$/.exec(line) ?? []
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/.exec(rest)
    const before = resumed ? under.get(pid) : undefined
    const text = before ? before.text + resumed?.[1] : rest
    if (text.endsWith("<unfinished ...>")) {
      under.set(pid, { began: at, text: text.slice(0, -"<unfinished ...>".length) })
      return []
    }
    const name = /^(\w+)\(\d+<[^>]*session\.jsonl>/.exec(text)?.[1]
    if (name === undefined || !text.includes(machine.data)) return []
    const [, length = "0", from = "0"] = /, (\d+), (\d+) ?\) += /.exec(text) ?? []
    const end = Number(from) + Number(length)
    return [{ name, began: before?.began ?? at, ended: at, line: text, from: Number(from), end }]
  })
}

/** Reads from a stretch of which something had not been flushed since it was written. */
function readTooEarly(calls: readonly Step[]): readonly Step[] {
  const named = (...names: string[]) => calls.filter(({ name }) => names.includes(name))
  const flushes = named("fdatasync", "fsync")
  const writes = named("pwrite64")
  const flushedBetween = (write: Step, read: Step) =>
    flushes.some((flush) => flush.began > write.ended && flush.ended < read.began)
  return named("pread64").filter((read) =>
    writes
      .filter(
        ({ from }) => Math.floor(from / flushIntervalBytes) === Math.floor(read.from / flushIntervalBytes),
      )
      .some((write) => !flushedBetween(write, read)),
  )
}

const times = 4
/** Some writes take a while: what is still under way must not be taken for done. */
const unevenly: Fault[] = [
  { call: "pwrite64", when: "1+3", effect: "delay_enter=3000" },
  { call: "fdatasync", when: "1+", effect: "delay_enter=5000" },
]
const last = (calls: readonly Step[], name: string) => calls.findLast((call) => call.name === name)
const first = (calls: readonly Step[], name: string) => calls.find((call) => call.name === name)

test.if(hasStrace && copiesHere)(
  "each part is read again only after it was flushed, also while the rest is written",
  async () => {
    for (let time = 0; time < times; time++) {
      const calls = await steps(...unevenly)
      expect(last(calls, "pwrite64")?.end).toBeGreaterThan(2 * flushIntervalBytes) // the log was understood
      expect(readTooEarly(calls)).toEqual([])
      expect(first(calls, "pread64")?.began).toBeLessThan(last(calls, "pwrite64")?.began ?? 0)
      expect(last(calls, "fsync")?.began).toBeGreaterThan(last(calls, "pwrite64")?.ended ?? 0)
    }
  },
)

test.if(hasStrace && copiesHere)(
  "what the disk will not have past the kernel's memory is read back from the disk itself",
  async () => {
    const calls = await steps({ call: "pwrite64", when: 8, effect: "error=EINVAL" })
    const forgotten = calls.find(({ name, line }) => name === "fadvise64" && line.includes("DONTNEED"))
    const refused = calls.find(({ line }) => line.includes("INJECTED"))
    expect(refused).toBeDefined()
    expect(first(calls, "pread64")?.began).toBeGreaterThan(forgotten?.ended ?? Number.POSITIVE_INFINITY)
    expect(forgotten?.began).toBeGreaterThan(last(calls, "fsync")?.ended ?? Number.POSITIVE_INFINITY)
  },
)
