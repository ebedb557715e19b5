import { expect, test } from "bun:test"
import { UsageTally } from "../../src/operations/usage/usage-tally.ts"

const tally = () => new UsageTally((time) => new Date(time).toISOString().slice(0, 10))
const usage = (answer: string, output: number) => ({
  ...{ answer, time: 0, model: "m", cwd: null },
  ...{ input: 10, cacheWrite: 100, cacheRead: 1000, output },
})
const counted = { day: "1970-01-01", model: "m", input: 10, cacheWrite: 100, cacheRead: 1000, answers: 1 }
/** More answers than are kept at hand for records that follow. */
const many = 1000

test("a shorter copy of an answer changes nothing, right after it or much later", () => {
  const sums = tally()
  sums.add(0, usage("a", 700))
  sums.add(1, usage("a", 5))
  for (let number = 0; number < many; number++) sums.add(2, usage(`b${number}`, 1))
  sums.add(1, usage("a", 700))
  sums.add(1, usage("a", 5))
  const [first, others, ...more] = sums.buckets()
  expect(first).toEqual({ ...counted, session: 0, output: 700 })
  expect([others?.answers, more]).toEqual([many, []])
})

test("a longer copy met much later adds what the shorter one lacks", () => {
  const sums = tally()
  sums.add(0, usage("a", 5))
  for (let number = 0; number < many; number++) sums.add(2, usage(`b${number}`, 1))
  sums.add(1, usage("a", 700))
  const all = sums.buckets().filter(({ session }) => session !== 2)
  expect(all.map(({ session, output, answers }) => [session, output, answers])).toEqual([
    [0, 5, 1],
    [1, 695, 0],
  ])
})

test("a record that follows replaces every count of the one before, on the day of the first", () => {
  const sums = tally()
  sums.add(0, usage("a", 5))
  sums.add(0, { ...usage("a", 700), input: 3, cacheRead: 1500, time: 86_400_000 })
  expect(sums.buckets()).toEqual([{ ...counted, session: 0, input: 3, cacheRead: 1500, output: 700 }])
})
