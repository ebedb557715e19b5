import { afterAll, beforeAll, describe, expect, test } from "bun:test"
import { resolve } from "node:path"
import { parseProjectFilter } from "../../../../src/domain/project-filter.ts"
import { snippetOf } from "../../../../src/index/matches/snippet.ts"
import { phrasesOf } from "../../../../src/index/query/ast.ts"
import { parseQuery } from "../../../../src/index/query/parse.ts"
import {
  assistant,
  record,
  sessionId,
  toolCall,
  toolResult,
  user,
} from "../../../fixtures/talk/conversation.ts"
import { seeded } from "../../../fixtures/talk/random.ts"
import { IndexHarness } from "../index-harness.ts"

const harness = new IndexHarness()
const other = {
  ...harness.talk,
  id: sessionId(2),
  cwd: "/work/shop_100%",
  at: new Date("2026-05-01T10:00:00Z"),
}
const said = [
  "we use fooBar_baz in src/a-b.ts and src/deep/path.test.tsx",
  "error[E0308]: mismatched types in main.rs:42",
  "ファイルを保存しました 東京都",
  "das Menü über Größe, café, naïve résumé",
  "one two three four five six seven",
  "deployment deployment deployment",
  "deployment, and a great many other words that say nothing about it at all, on and on and on",
  "http://localhost:8080/api/v1?x=1&y=2",
  "한국어 문장 그리고 ｶﾀｶﾅ",
  "NFD: cafe\u0301 noir",
  "a lonely \u0001s1 sign",
]

beforeAll(async () => {
  const first = said.map((text, n) => record(harness.talk, n, user(text))).join("")
  const escaped = record(harness.talk, 40, user("JP")).replace("JP", "\\u6771\\u5317\\u65b9 caf\\u00e9zinho")
  const call = { ...toolCall("Bash", "t1") }
  const second = [
    record(other, 0, user("deployment of the shop")),
    record(other, 1, {
      ...assistant("the answer is deployment"),
      message: {
        ...(assistant("x").message as object),
        model: "big-model",
        content: [{ type: "text", text: "the answer is blue" }],
      },
    }),
    record(other, 2, call),
    record(
      other,
      3,
      user([{ type: "tool_result", tool_use_id: "t1", content: "blue failed", is_error: true }]),
    ),
    record(other, 4, toolResult("t2", "blue went well")),
  ].join("")
  await harness.read(
    harness.write(first + escaped),
    harness.source(harness.write(second, "two.jsonl"), { session: other.id }),
  )
})
afterAll(() => harness.dispose())

describe("found as typed, and by its words", () => {
  test.each([
    ["fooBar_baz", 0],
    ["foobar", 0],
    ["baz", 0],
    ["src/a-b.ts", 0],
    ["src/deep/path.test.tsx", 0],
    ["E0308", 1],
    ["e0308", 1],
    ["main.rs:42", 1],
    ["保存", 2],
    ["東京", 2],
    ["京都", 2],
    ["ファイル", 2],
    ["menu", 3],
    ["MENÜ", 3],
    ["größe", 3],
    ["resume", 3],
    ["three four", 4],
    ['"three four"', 4],
    ["NEAR(one six, 4)", 4],
    ["sev*", 4],
    ["localhost:8080/api/v1?x=1", 7],
    ["문장", 8],
    ["ｶﾀ", 8],
    ["cafe noir", 9],
    ["café -menü", 9],
  ])("%s", (typed, index) => {
    expect(harness.texts(typed)).toEqual([said[index] ?? ""])
  })

  test("letters that the transcript writes as escapes", () => {
    expect(harness.texts("北方")).toEqual(["東北方 cafézinho"])
    expect(harness.texts("cafezinho")).toHaveLength(1)
  })

  test.each(["存保", '"four three"', "NEAR(one six, 3)", "foobarbaz", "two -three", "absent"])(
    "%s finds nothing",
    (typed) => {
      expect(harness.ask((index) => index.search(typed, {}, 9))).toEqual({
        hits: [],
        total: 0,
        totalIsExact: true,
      })
    },
  )

  test("odd characters are a query, never an error: ten thousand of them", () => {
    const random = seeded(11)
    const pieces = [
      '"',
      "(",
      ")",
      "*",
      "-",
      "NEAR(",
      ",",
      "OR ",
      "AND ",
      "NOT ",
      "^",
      ":",
      "+",
      "{",
      "}",
      "'",
      "\\",
      "\0",
      " ",
      "one",
      "保",
      "é",
      "\ud83d",
      "5",
      "[",
      "text:",
    ] as const
    harness.ask((index) => {
      for (let count = 0; count < 10_000; count++) {
        const typed = Array.from({ length: random.between(1, 9) }, () => random.pick(pieces)).join("")
        expect(Array.isArray(index.search(typed, {}, 1).hits)).toBe(true)
        index.suggest(typed)
      }
    })
  })

  test("no text passes for what a filter looks for", () => {
    expect(harness.texts("\u0001s1")).toEqual(["a lonely \u0001s1 sign"])
    expect(harness.texts("s1")).toHaveLength(1)
    expect(harness.texts("s2")).toEqual([])
  })
})

describe("best first, then newest", () => {
  test("the text that says it most, and says little else, comes first", () => {
    const hits = harness.texts("deployment")
    expect(hits[0]).toBe("deployment deployment deployment")
    expect(hits.at(-1)).toStartWith("deployment, and a great many")
  })

  test("of equally good ones the newest", async () => {
    const times = harness.ask((index) => index.search("blue", {}, 9).hits.map(({ text }) => text))
    expect(times).toHaveLength(3)
    const equal = new IndexHarness()
    const lines = [0, 1, 2].map((n) => record(equal.talk, n, user(`same words ${n}`)))
    await equal.read(equal.write([lines[1], lines[2], lines[0]].join("")))
    expect(equal.texts("same words")).toEqual(["same words 2", "same words 1", "same words 0"])
    equal.dispose()
  })
})

const inside = (typed: string) => parseProjectFilter(typed, resolve, () => null)

describe("filters", () => {
  test.each([
    [{ session: "a0000002" }, 3],
    [{ session: "b" }, 0],
    [{ project: inside("SHOP_100%") }, 3],
    [{ project: inside("shop-100%") }, 0],
    [{ project: inside("work/one") }, 0],
    [{ role: "tool" }, 2],
    [{ role: "user" }, 0],
    [{ role: "assistant" }, 1],
    [{ kind: "tool_result" }, 2],
    [{ tool: "bash" }, 1],
    [{ tool: "Bas" }, 0],
    [{ agent: "claude" }, 3],
    [{ agent: "codex" }, 0],
    [{ model: "big" }, 1],
    [{ errors: true }, 1],
    [{ since: Date.parse("2026-04-01") }, 3],
    [{ until: Date.parse("2026-04-01") }, 0],
    [{ since: Date.parse("2026-05-01T09:59:51Z"), until: Date.parse("2026-05-01T09:59:53Z") }, 1],
    [{ errors: true, role: "tool", session: "a0000002", project: inside("shop") }, 1],
  ] as const)("%j", (filters, count) => {
    expect(harness.texts("blue", filters)).toHaveLength(count)
  })

  test("without a word: everything that fits, the newest first", () => {
    const { hits, total } = harness.ask((index) => index.search("", { session: "a0000002" }, 2))
    expect([total, hits.map(({ text }) => text)]).toEqual([5, ["blue went well", "blue failed"]])
  })
})

describe("a snippet", () => {
  test("marks the words, whatever their case and accents", () => {
    const [hit] = harness.ask((index) => index.search("größe resume", {}, 1).hits)
    const { text, marks } = hit?.snippet ?? { text: "", marks: [] }
    expect(marks.map(([from, to]) => text.slice(from, to))).toEqual(["Größe", "résumé"])
  })

  test("of a very long text shows the place, however the word is written there", () => {
    const filler = "filler ".repeat(40_000)
    for (const [typed, said] of [
      ["creme brulee", "Crème brûlée"],
      ["brulee", "İİİ brûlée"],
      ["plainly", "plainly"],
    ] as const) {
      const query = parseQuery(typed)
      const { text, marks } = snippetOf(`${filler}${said} ${filler}`, query === null ? [] : phrasesOf(query))
      expect(marks.length).toBeGreaterThan(0)
      expect(said).toContain(text.slice(...(marks[0] ?? [0, 0])))
    }
  })

  test("marks a phrase and CJK as a whole", () => {
    const [hit] = harness.ask((index) => index.search("東京", {}, 1).hits)
    const { text, marks } = hit?.snippet ?? { text: "", marks: [] }
    expect(marks.map(([from, to]) => text.slice(from, to))).toEqual(["東京"])
  })
})

describe("nearest words", () => {
  test.each([
    ["deploymnet", "deployment"],
    ["mismached", "mismatched"],
    ["lokalhost", "localhost"],
  ])("%s → %s", (typed, word) => {
    expect(harness.ask((index) => index.suggest(typed))).toContain(word)
  })

  test("none for words that are there", () => {
    expect(harness.ask((index) => index.suggest("deployment"))).toEqual([])
  })
})
