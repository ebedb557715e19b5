import { tmpdir } from "node:os"
import { join } from "node:path"
import type { RecordParts } from "../../domain/conversation/message-part.ts"
import { ScratchFile } from "../../system/fs/scratch-file.ts"
import { withYields } from "../../system/runtime/yield.ts"
import type { IndexSource, Skipped } from "../model/source.ts"
import { type Found, recordsIn } from "./damaged-lines.ts"
import { HeldBytes } from "./held-bytes.ts"
import { type Line, LineCutter, type LongLine } from "./lines.ts"
import { LongTexts } from "./long-texts.ts"
import { PieceCutter } from "./text-chunks.ts"
import { WholeFile } from "./whole-file.ts"

/** Longer lines are kept in a file meanwhile. */
const longestHeld = 48 << 20

/** What one line holds: usually one record. */
export interface ReadLine {
  readonly found: readonly Found[]
  readonly skipped: readonly Skipped[]
  /** What a plugin made of one of these, with the whole texts; until the next line is asked for. */
  whole(found: Found, about: RecordParts): RecordParts
}

/** Line after line of a file, without an index: damaged ones as far as they can be read. */
export async function* readLine(source: IndexSource): AsyncGenerator<ReadLine> {
  const cutter = new LineCutter(0, () => new ScratchFile(join(tmpdir(), "session-rescue")), longestHeld)
  try {
    for await (const piece of withYields(source.open(0))) {
      for (const line of cutter.cut(piece)) yield understand(line)
    }
    for (const line of cutter.rest()) yield understand(line)
  } finally {
    cutter.close()
  }
}

/** A kept tool output piece after piece, as the index has it. */
export async function* readPieces(
  source: IndexSource,
): AsyncGenerator<{ readonly text: string; readonly offset: number; readonly length: number }> {
  const cutter = source.form === "pieces" ? new WholeFile("pieces") : new PieceCutter(0)
  const said = ({ bytes, offset }: Line) => ({ text: bytes.toString("utf8"), offset, length: bytes.length })
  for await (const piece of withYields(source.open(0))) for (const each of cutter.cut(piece)) yield said(each)
  for (const each of cutter.rest()) yield said(each)
}

function understand(line: Line | LongLine): ReadLine {
  const bytes = line.bytes === null ? line.kept : new HeldBytes(line.bytes)
  const whole = ({ strings }: Found, about: RecordParts) =>
    strings === null ? about : new LongTexts(bytes, strings).whole(about)
  return { ...recordsIn(bytes, line.offset), whole }
}
