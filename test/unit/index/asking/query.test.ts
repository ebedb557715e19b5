import { describe, expect, test } from "bun:test"
import { matchOf } from "../../../../src/index/query/ast.ts"
import { parseQuery } from "../../../../src/index/query/parse.ts"

const matched = (text: string) => {
  const query = parseQuery(text)
  return query === null ? null : matchOf(query, "EVERY")
}

describe("what people type, as the full-text table is asked", () => {
  test.each([
    ["one", '"one"'],
    ["one two", '("one" AND "two")'],
    ["one AND two", '("one" AND "two")'],
    ["one OR two", '("one" OR "two")'],
    ["a b OR c", '(("a" AND "b") OR "c")'],
    ["(a OR b) c", '(("a" OR "b") AND "c")'],
    ['"two words"', '"two words"'],
    ["wor*", '"wor" *'],
    ['"two wor"*', '"two wor" *'],
    ["a -b", '(("a") NOT ("b"))'],
    ["a NOT b", '(("a") NOT ("b"))'],
    ["a -b -c", '(("a") NOT ("b" OR "c"))'],
    ['a -"b c"', '(("a") NOT ("b c"))'],
    ["a -(b OR c)", '(("a") NOT (("b" OR "c")))'],
    ["-b", '((EVERY) NOT ("b"))'],
    ["NEAR(a b)", 'NEAR("a" "b", 10)'],
    ['NEAR("a b" c, 5)', 'NEAR("a b" "c", 5)'],
    ["NEAR(a)", '"a"'],
    ["x NEAR(a b,3)", '("x" AND NEAR("a" "b", 3))'],
    ["fooBar_baz", '"foobar baz"'],
    ["src/a-b.ts", '"src a b ts"'],
    ["well-known", '"well known"'],
    ["open(path)", '"open path"'],
    ["f(a)(b)", '"f a b"'],
    ["E0308", '"e0308"'],
    ["保存する", '"保 存 す る"'],
    ["v保存2", '"v 保 存 2"'],
    ["Écrit", '"ecrit"'],
    ["a a -b -b", '(("a") NOT ("b"))'],
    ["a OR a", '"a"'],
    ["near or and not", '("near" AND "or" AND "and" AND "not")'],
    ["--help", '"help"'],
    ["text:word", '"text word"'],
    ["^word", '"word"'],
    ["{text tags}: word", '("text" AND "tags" AND "word")'],
  ])("%s", (typed, match) => {
    expect(matched(typed)).toBe(match)
  })

  test.each(["", "   ", "***", "()", '""', "-", "--", "NEAR()", "((", "))", "OR", "AND NOT", "🙂", "\0"])(
    "%j is no word at all",
    (typed) => {
      expect(matched(typed)).toBe(null)
    },
  )

  test.each([
    ['"never closed', '"never closed"'],
    ["(never closed", '"never" AND "closed"'],
    ["a) b", '"a" AND "b"'],
    ["OR a OR", '"a"'],
    ["a OR OR b", '"a" OR "b"'],
    ["NEAR(a b", '"near a" AND "b"'],
    ["NEAR(a b,99999999999999)", 'NEAR("a" "b", 1000000)'],
  ])("%s is taken as words", (typed, match) => {
    expect(matched(typed)?.replace(/^\((.*)\)$/, "$1")).toBe(match)
  })
})
