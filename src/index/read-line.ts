import { type Found, readDamaged, type Skipped } from "./damage.ts"
import { HeldBytes } from "./line-bytes.ts"
import { type Line, LineCutter, type LongLine } from "./lines.ts"
import { PieceCutter } from "./pieces.ts"
import type { IndexSource } from "./source.ts"
import { withTurns } from "./with-turns.ts"

/** What one line holds: usually one record. */
export interface ReadLine {
  readonly found: readonly Found[]
  readonly skipped: readonly Skipped[]
}

/** Line after line of a file, without an index: damaged ones as far as they can be read. */
export async function* readLine(source: IndexSource): AsyncGenerator<ReadLine> {
  const cutter = new LineCutter(0)
  for await (const piece of withTurns(source.open(0))) {
    for (const line of cutter.cut(piece)) yield understand(line)
  }
  for (const line of cutter.rest()) yield understand(line)
}

/** A kept tool output piece after piece, as the index has it. */
export async function* readPieces(
  source: IndexSource,
): AsyncGenerator<{ readonly text: string; readonly offset: number; readonly length: number }> {
  const cutter = new PieceCutter(0)
  const said = ({ bytes, offset }: Line) => ({ text: bytes.toString("utf8"), offset, length: bytes.length })
  for await (const piece of withTurns(source.open(0))) for (const each of cutter.cut(piece)) yield said(each)
  for (const each of cutter.rest()) yield said(each)
}

function understand(line: Line | LongLine): ReadLine {
  const { offset } = line
  if (line.bytes === null) {
    const why = "a line of more than 48 MB: too long to be shown"
    return { found: [], skipped: [{ offset, length: line.length, why }] }
  }
  const bytes = new HeldBytes(line.bytes)
  const parsed = bytes.parse(0, bytes.length)
  if (parsed !== null) return { found: [{ ...parsed, offset, length: bytes.length }], skipped: [] }
  return readDamaged(bytes, offset)
}
