/** A small part of the corpus: `bun run test/repair/corpus.ts 2000` is the whole. */
import { expect, test } from "bun:test"
import { judgeDatabases } from "./damaged-databases.ts"
import { damaged, judge } from "./mutations.ts"

test("300 damaged transcripts: no readable record is lost, and the client gets to all of each copy", () => {
  const wrong = Array.from({ length: 300 }, (_, seed) => damaged(seed)).flatMap((each) =>
    judge(each).map((why) => [each.seed, each.what, why]),
  )
  expect(wrong).toEqual([])
})

test("the damage is real: most of them need a repair", () => {
  const changed = Array.from({ length: 300 }, (_, seed) => damaged(seed)).filter(
    ({ lines, bytes }) => lines.join("") !== bytes.toString(),
  )
  expect(changed.length).toBeGreaterThan(250)
})

test("30 damaged databases: every row that SQLite reads is in the new one, which is sound", async () => {
  expect(await judgeDatabases(30, 0)).toEqual([])
})
