import { expect, test } from "bun:test"
import { spacedBytes } from "../../../../src/index/text/fts-bytes.ts"
import { spaceCjkText, tagMark } from "../../../../src/index/text/tokenizer.ts"
import { seeded } from "../../../fixtures/talk/random.ts"

function throughBytes(text: string): string {
  return spacedBytes(text, Buffer.from(text)).toString()
}

const pieces: [string, ...string[]] = [
  "word ",
  "é",
  "—",
  "日本",
  "한글",
  "𠀀",
  "😀",
  "\u0000",
  tagMark,
  "ｶﾅ",
  "ᄀ",
  "ა",
  "\u{3134f}",
  "\u{31350}",
  "。",
  "e\u0301",
  "か\u3099",
  "\u1112\u1161",
]

test("a text is spaced the same as bytes and as a string", () => {
  const random = seeded(7)
  for (let round = 0; round < 2000; round++) {
    const text = Array.from({ length: random.between(0, 30) }, () => random.pick(pieces)).join("")
    expect(throughBytes(text)).toBe(spaceCjkText(text))
  }
})

test("every sign of the languages without blanks is a word of its own, and no other", () => {
  for (let code = 0x80; code < 0x32000; code++) {
    if (code >= 0xd800 && code < 0xe000) continue
    const text = `a${String.fromCodePoint(code)}b`
    if (throughBytes(text) !== spaceCjkText(text)) throw new Error(`U+${code.toString(16)}`)
  }
  expect(throughBytes("a日本b")).toBe("a 日  本 b")
  expect(throughBytes("aéb—c")).toBe("aéb—c")
})

test("long texts of such signs only, and what stands before filters' words", () => {
  const long = "漢".repeat(100_000)
  expect(throughBytes(long)).toBe(" 漢 ".repeat(100_000))
  expect(throughBytes(`${tagMark}k1 plain${tagMark}`)).toBe(" k1 plain ")
})

test("what was handed in is left as it was", () => {
  const bytes = Buffer.from(`${tagMark}日`)
  spacedBytes(`${tagMark}日`, bytes)
  expect(bytes.toString()).toBe(`${tagMark}日`)
})
