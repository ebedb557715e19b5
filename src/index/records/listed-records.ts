import { objectEnd } from "./json-object.ts"
import { stringEnd } from "./json-strings.ts"
import { MemoryLine } from "./line-storage.ts"
import type { Line } from "./lines.ts"

const [quote, brace, bracket] = [0x22, 0x7b, 0x5b]

/**
 * The records of one JSON document: the objects in its list, or in the lists that its fields hold, each with its place; and
 * first the fields beside them, as a record of their own. A document that breaks off has those before.
 */
export function* listedRecords(bytes: Buffer): Generator<Line> {
  const line = new MemoryLine(bytes)
  const lists: { readonly from: number; readonly to: number }[] = []
  const records: { readonly from: number; readonly to: number }[] = []
  let at = 0
  while (at < bytes.length) {
    const byte = bytes[at]
    if (byte === quote) at = stringEnd(line, at + 1, bytes.length)
    else if (byte === bracket) {
      const list = readList(line, at)
      lists.push({ from: at, to: list.end })
      records.push(...list.records)
      at = list.end - 1
    }
    if (at === -1) break
    at++
  }
  const fields = withoutLists(bytes, lists)
  if (fields !== null) yield { bytes: fields, offset: 0, complete: true }
  for (const { from, to } of records) yield { bytes: bytes.subarray(from, to), offset: from, complete: true }
}

/** The objects in a list, and where it ends. */
function readList(line: MemoryLine, from: number) {
  const records: { from: number; to: number }[] = []
  let depth = 0
  let at = from
  for (; at < line.length; at++) {
    const byte = line.at(at)
    if (byte === quote) {
      at = stringEnd(line, at + 1, line.length)
      if (at === -1) break
    } else if (byte === bracket) depth++
    else if (byte === 0x5d && --depth === 0) return { records, end: at + 1 }
    else if (byte === brace) {
      const end = objectEnd(line, at, line.length)
      if (end === -1) break
      records.push({ from: at, to: end })
      at = end - 1
    }
  }
  return { records, end: line.length }
}

/** The document with each list emptied; null when it is a list itself, or breaks off. */
function withoutLists(bytes: Buffer, lists: readonly { from: number; to: number }[]): Buffer | null {
  const pieces: Buffer[] = []
  let at = 0
  for (const { from, to } of lists) {
    pieces.push(bytes.subarray(at, from), Buffer.from("[]"))
    at = to
  }
  const rest = Buffer.concat([...pieces, bytes.subarray(at)])
  return rest.find((byte) => byte > 0x20) === brace ? rest : null
}
