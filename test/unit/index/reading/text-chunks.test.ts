/** Plain text is cut into pieces of whole lines, the same whatever chunks it comes in, and nothing of it is lost. */
import { expect, test } from "bun:test"
import { ChunkSplitter } from "../../../../src/index/records/text-chunks.ts"

function cut(bytes: Buffer, chunk: number, from = 0) {
  const cutter = new ChunkSplitter(from)
  const pieces: { offset: number; bytes: Buffer }[] = []
  for (let at = from; at < bytes.length; at += chunk) {
    for (const { offset, bytes: piece } of cutter.split(bytes.subarray(at, at + chunk))) {
      pieces.push({ offset, bytes: Buffer.from(piece) })
    }
  }
  for (const { offset, bytes: piece } of cutter.rest()) pieces.push({ offset, bytes: Buffer.from(piece) })
  return pieces
}

const texts: readonly (readonly [string, Buffer])[] = [
  ["lines", Buffer.from(Array.from({ length: 9000 }, (_, n) => `line ${n}\n`).join(""))],
  ["no line's end at all, in signs of three bytes", Buffer.from("針".repeat(100_000))],
  ["short", Buffer.from("only this")],
  ["nothing", Buffer.alloc(0)],
  ["no text", Buffer.alloc(200_000, 0x80)],
  ["one long line among short ones", Buffer.from(`a\n${"x".repeat(150_000)}\nb\n`)],
]

test.each(texts)("%s", (_, bytes) => {
  const whole = cut(bytes, bytes.length || 1)
  for (const chunk of [1 << 16, 8192, 1000]) expect(Bun.deepEquals(cut(bytes, chunk), whole)).toBe(true)
  expect(Buffer.concat(whole.map((piece) => piece.bytes)).equals(bytes)).toBe(true)
  for (const { offset, bytes: piece } of whole) {
    expect(bytes.subarray(offset, offset + piece.length).equals(piece)).toBe(true)
    expect(piece.length).toBeLessThanOrEqual(64 << 10)
  }
})

test("pieces end where lines end, and no sign is torn", () => {
  const [lines, signs] = [texts[0]?.[1], texts[1]?.[1]] as [Buffer, Buffer]
  expect(cut(lines, 1000).every(({ bytes }) => bytes.at(-1) === 0x0a)).toBe(true)
  expect(cut(signs, 1000).every(({ bytes }) => !bytes.toString("utf8").includes("\ufffd"))).toBe(true)
  expect(cut(signs, 1000).length).toBe(5)
})

test("beginning where a piece ended, the rest is cut as before", () => {
  const bytes = texts[0]?.[1] as Buffer
  const whole = cut(bytes, 5000)
  const third = whole[3]
  expect(cut(bytes, 5000, third?.offset)).toEqual(whole.slice(3))
})
