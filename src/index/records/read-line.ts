import { tmpdir } from "node:os"
import { join } from "node:path"
import { MiB } from "../../domain/bytes.ts"
import type { RecordParts } from "../../domain/conversation/message-part.ts"
import { ScratchFile } from "../../system/fs/scratch-file.ts"
import { withYields } from "../../system/runtime/yield.ts"
import type { IndexSource, Skipped } from "../model/source.ts"
import { type FoundRecord, recordsIn } from "./damaged-lines.ts"
import { MemoryLine } from "./line-storage.ts"
import { type Line, LineSplitter, type LongLine } from "./lines.ts"
import { LongTexts } from "./long-texts.ts"
import { ChunkSplitter } from "./text-chunks.ts"
import { DocumentReader } from "./whole-file.ts"

/** Longer lines are read from a scratch file. */
const maxMemoryLineBytes = 48 * MiB

/** The records of a line: usually one. */
export interface ReadLine {
  readonly found: readonly FoundRecord[]
  readonly skipped: readonly Skipped[]
  /** Restores the whole texts in a plugin's result for one of these records. Valid until the next line is requested. */
  withFullTexts(found: FoundRecord, about: RecordParts): RecordParts
}

/** Reads a file line by line, without an index; recovers what is readable of damaged lines. */
export async function* readLine(source: IndexSource): AsyncGenerator<ReadLine> {
  if (source.form === "list") {
    const reader = new DocumentReader("list")
    for await (const piece of withYields(source.open(0))) reader.split(piece)
    for (const line of reader.rest()) yield parseLine(line)
    return
  }
  const cutter = new LineSplitter(
    0,
    () => new ScratchFile(join(tmpdir(), "session-rescue")),
    maxMemoryLineBytes,
  )
  try {
    for await (const piece of withYields(source.open(0))) {
      for (const line of cutter.split(piece)) yield parseLine(line)
    }
    for (const line of cutter.rest()) yield parseLine(line)
  } finally {
    cutter.close()
  }
}

/** Reads a saved tool output in the same chunks as the index. */
export async function* readTextChunks(
  source: IndexSource,
): AsyncGenerator<{ readonly text: string; readonly offset: number; readonly length: number }> {
  const cutter = source.form === "pieces" ? new DocumentReader("pieces") : new ChunkSplitter(0)
  const said = ({ bytes, offset }: Line) => ({ text: bytes.toString("utf8"), offset, length: bytes.length })
  for await (const piece of withYields(source.open(0)))
    for (const each of cutter.split(piece)) yield said(each)
  for (const each of cutter.rest()) yield said(each)
}

function parseLine(line: Line | LongLine): ReadLine {
  const bytes = line.bytes === null ? line.scratch : new MemoryLine(line.bytes)
  const withFullTexts = ({ strings }: FoundRecord, about: RecordParts) =>
    strings === null ? about : new LongTexts(bytes, strings).withFullTexts(about)
  return { ...recordsIn(bytes, line.offset), withFullTexts }
}
