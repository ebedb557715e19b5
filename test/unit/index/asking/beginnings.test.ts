/** A beginning of one or two letters, of more words than the full-text table can merge in time. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { parseQuery } from "../../../../src/index/index.ts"
import { PrefixWords } from "../../../../src/index/search/prefix-words.ts"
import { BlockReader } from "../../../../src/index/store/block-reader.ts"
import { openDatabaseToRead } from "../../../../src/system/sqlite/database.ts"
import { IndexHarness, prompts } from "../index-harness.ts"

const harness = new IndexHarness()
const count = 4000

beforeAll(async () => {
  const words = (number: number) =>
    Array.from({ length: 12 }, (_, index) => `ba${((number * 12 + index) * 2654435761).toString(36)}`)
  const texts = Array.from({ length: count }, (_, number) =>
    [
      `message ${number} ${words(number).join(" ")}`,
      ...(number === 7 ? ["onlyhere"] : []),
      ...(number % 1000 === 0 ? [`zq${number}`] : []),
    ].join(" "),
  )
  await harness.read(harness.write(prompts(harness.talk, texts)))
})

afterAll(() => harness.dispose())

function instead(query: string) {
  const database = openDatabaseToRead(harness.database)
  try {
    const parsed = parseQuery(query)
    return parsed === null ? null : new PrefixWords(database, new BlockReader(database)).instead(parsed)
  } finally {
    database.close()
  }
}

describe("the words are looked for in the newest texts", () => {
  test.each(["ba*", "b*", "message ba*", "ba* OR zq*"])("%s", (query) => {
    expect(instead(query)).not.toBeNull()
    const found = harness.ask((index) => index.search(query, {}, 10))
    expect(found.hits).toHaveLength(10)
    expect(found.totalIsExact).toBe(false)
    for (const { text, snippet } of found.hits) {
      expect(text).toMatch(/ba[0-9a-z]/)
      expect(snippet.marks.length).toBeGreaterThan(0)
    }
  })
})

test("a beginning of few words, a whole word and an excluded beginning are asked as they are", () => {
  for (const query of ["zq*", "message", "message -ba*"]) expect(instead(query)).toBeNull()
  expect(harness.texts("zq*")).toHaveLength(4)
})

test("what the newest texts do not answer is asked of all of them", () => {
  expect(instead("onlyhere ba*")).not.toBeNull()
  expect(harness.ask((index) => index.search("onlyhere ba*", {}, 10))).toMatchObject({
    total: 1,
    totalIsExact: true,
    hits: [{ text: expect.stringContaining("onlyhere") }],
  })
})
