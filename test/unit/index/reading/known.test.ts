/** What an index knows of its files, asked for one by one, some at once, or all. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { readParts } from "../../../../plugins/detect/claude-code/parts/parts.ts"
import { type IndexWriter, NumberSet } from "../../../../src/index/index.ts"
import { IndexHarness, prompts, silentProgress } from "../index-harness.ts"

let harness: IndexHarness
let writer: IndexWriter
beforeEach(() => {
  harness = new IndexHarness()
  writer = harness.writer()
})
afterEach(() => {
  writer.close()
  harness.dispose()
})

async function readAll(names: readonly string[]): Promise<string[]> {
  const paths = names.map((name, index) =>
    harness.write(prompts(harness.talk, [`text ${name}`], index), name),
  )
  for (const path of paths) await writer.update(harness.source(path), readParts, silentProgress)
  return paths
}

test("what was asked for at once is found as if asked for alone, and what lies beside it too", async () => {
  const paths = await readAll(["a.jsonl", "b.jsonl", "b/sub.jsonl", "c.jsonl", "d.jsonl"])
  writer.commit()
  const find = (path: string) => {
    const { id, file, size, modified } = writer.find(path) ?? {}
    return { path: writer.find(path)?.path, id, file, size, modified }
  }
  const alone = paths.map(find)
  expect(alone.map(({ path }) => path)).toEqual(paths)
  writer.prefetch(harness.path("b"), harness.path("c.jsonl"))
  expect(paths.map(find)).toEqual(alone)
  expect([writer.find(harness.path("bb.jsonl")), writer.find(harness.path("z.jsonl"))]).toEqual([null, null])
})

test("what was asked for at once is not believed any more after a change", async () => {
  const [a = "", b = ""] = await readAll(["a.jsonl", "b.jsonl"])
  writer.commit()
  writer.prefetch(a, b)
  harness.append(prompts(harness.talk, ["more"], 9), "a.jsonl")
  await writer.update(harness.source(a), readParts, silentProgress)
  expect(writer.isCurrent(harness.source(a))).toBe(true)
  writer.prefetch(a, b)
  writer.markMissing(b)
  expect([writer.find(b), writer.known(b)?.state]).toEqual([null, "missing"])
})

test("files that were met are left out, a page of them at a time, and one may be taken away meanwhile", async () => {
  const paths = await readAll(Array.from({ length: 2_100 }, (_, n) => `f${n}.jsonl`))
  writer.commit()
  const known = [...writer.presentFiles()]
  expect(known.map(({ path }) => path)).toEqual(paths)
  const met = new NumberSet()
  for (const { id, path } of known) if (path !== paths[1_500]) met.add(id)
  const rest = [...writer.presentFiles(met)]
  expect(rest.map(({ path }) => path)).toContain(paths[1_500] ?? "")
  expect(rest.length).toBeLessThan(1_100)
  let count = 0
  for (const { path } of writer.presentFiles()) {
    writer.markMissing(path)
    count++
  }
  expect([count, [...writer.presentFiles()].length]).toEqual([2_100, 0])
})

test("a set of numbers", () => {
  const numbers = new NumberSet()
  for (const number of [0, 7, 8, 1_023, 1_024, 100_000]) numbers.add(number)
  expect([0, 7, 8, 1_023, 1_024, 100_000].every((number) => numbers.has(number))).toBe(true)
  expect([1, 6, 9, 1_022, 1_025, 99_999, 100_001, 1_000_000].some((number) => numbers.has(number))).toBe(
    false,
  )
  expect([numbers.hasRange(7, 8), numbers.hasRange(7, 9), numbers.hasRange(1_023, 1_024)]).toEqual([
    ...[true, false, true],
  ])
  numbers.delete(8)
  numbers.delete(9_000_000)
  expect([numbers.has(7), numbers.has(8)]).toEqual([true, false])
})
