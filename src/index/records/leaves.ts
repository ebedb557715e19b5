import { measures } from "../model/limits.ts"
import type { LineBytes } from "./line-bytes.ts"
import { decode, decoded, stringEnd } from "./long-string.ts"

const quote = 0x22
const colon = 0x3a
const white = new Set([0x20, 0x09, 0x0a, 0x0d])
const numeric = new Set([...Buffer.from("0123456789+-.eE")])
/** After so many, what is left of them in memory is freed: they are small, and may be millions. */
const manyLeaves = 1 << 16

/** Of `true` and `false` the last sign is one that a number may have. */
const word = new Set([...Buffer.from("truefalsn")])

/** Every text and number in an array or object, in its order, a line each; without the names of its keys. */
export function* leavesIn(bytes: LineBytes, from: number, to: number): Generator<string> {
  let text = ""
  let count = 0
  for (let at = from; at < to; ) {
    const byte = bytes.at(at)
    let leaf: Iterable<string> | null = null
    if (byte === quote) {
      const end = stringEnd(bytes, at + 1, to)
      if (end === -1) throw new SyntaxError("a string that does not end")
      if (!isKey(bytes, end + 1, to) && end > at + 1) {
        const isLong = end - at > measures.string
        leaf = isLong ? decoded(bytes, at + 1, end) : [decode(bytes.slice(at + 1, end))]
      }
      at = end + 1
    } else if (numeric.has(byte) && !word.has(byte)) {
      let end = at
      while (end < to && end - at < 1000 && numeric.has(bytes.at(end))) end++
      leaf = [bytes.slice(at, end).toString("latin1")]
      at = end
    } else {
      at++
      while (word.has(byte) && at < to && word.has(bytes.at(at))) at++
    }
    if (leaf === null) continue
    if (count++ > 0) text += "\n"
    if (count % manyLeaves === 0) Bun.gc(true)
    for (const piece of leaf) {
      text += piece
      if (text.length > 1 << 16) {
        yield text
        text = ""
      }
    }
  }
  if (text !== "") yield text
}

function isKey(bytes: LineBytes, from: number, to: number): boolean {
  let at = from
  while (at < to && white.has(bytes.at(at))) at++
  return bytes.at(at) === colon
}
