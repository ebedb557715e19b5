/** Lines that a crash has damaged: what is whole on them is read, and the damage is counted. */
import { expect, test } from "bun:test"
import { readTail } from "../../../src/sdk/slices.ts"

function tailOf(text: string | Uint8Array) {
  const bytes = Buffer.from(text as string)
  const files = { read: (_: unknown, from: number, length: number) => bytes.subarray(from, from + length) }
  const { records, damaged, torn, unreadableEnd } = readTail(
    { files } as never,
    "/x",
    bytes.length,
    () => true,
  )
  return { types: records.map(({ type }) => type), damaged, torn, unreadableEnd }
}

const a = '{"type":"a","data":{"x":1}}'
const b = '{"type":"b","text":"} { \\" {\\"type\\":\\"no\\"}"}'

test.each([
  ["half a record with a whole one behind it", `{"type":"a","data":{"x":"fo${b}\n`, ["b"], 1, false, false],
  ["half a record behind a whole one", `${a}{"type":"b","da\n`, ["a"], 1, false, true],
  ["two records on one line", `${a}${b}\n`, ["a", "b"], 1, false, false],
  ["a run of NUL before a record", `${"\0".repeat(9)}${a}\n${b}\n`, ["a", "b"], 1, false, false],
  ["NUL behind the last line", `${a}\n${"\0".repeat(9)}`, ["a"], 0, true, true],
  ["a torn end", `${a}\n{"type":"b","data":{"x":1}`, ["a", undefined], 0, true, false],
  ["separators of Unicode in a text", '{"type":"\u2028"}\n', ["\u2028"], 0, false, false],
  ["no record at all", "abc {def\n", [], 1, false, true],
] as const)("%s", (_, text, types, damaged, torn, unreadableEnd) => {
  expect(tailOf(text)).toEqual({ types: [...types], damaged, torn, unreadableEnd })
})

test("an object inside a torn record is not taken for one where more of that record follows", () => {
  expect(tailOf('{"type":"a","data":{"type":"inner"},"more":"fo\n').types).toEqual([])
})
