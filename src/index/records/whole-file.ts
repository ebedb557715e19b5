import { MiB } from "../../domain/bytes.ts"
import type { SourceForm } from "../model/source.ts"
import { stringsIn } from "./json-strings.ts"
import { MemoryLine } from "./line-storage.ts"
import type { Line } from "./lines.ts"
import { listedRecords } from "./listed-records.ts"
import { ChunkSplitter } from "./text-chunks.ts"

/** Larger files are parsed up to this size only. */
const maxDocumentBytes = 64 * MiB

/** Whether the file is a single JSON document, which cannot be resumed in the middle. */
export function isOneDocument(form: SourceForm | undefined): boolean {
  return form === "pieces" || form === "whole" || form === "list"
}

/**
 * Collects a file that is a single JSON document and splits it at the end. `pieces`: its texts, as chunks of tool
 * output with offsets in the text. `whole`: the single record, or the records of the list. `list`: its records, where they
 * are in the file, also of a document that breaks off.
 */
export class DocumentReader {
  /** Nothing is processed before the end of the file. */
  readonly offset = 0
  readonly #chunks: Buffer[] = []
  #length = 0
  readonly #form: SourceForm

  constructor(form: SourceForm) {
    this.#form = form
  }

  split(chunk: Uint8Array): readonly Line[] {
    if (this.#length < maxDocumentBytes) this.#chunks.push(Buffer.from(chunk))
    this.#length += chunk.length
    return []
  }

  *rest(): Generator<Line> {
    const bytes = Buffer.concat(this.#chunks)
    if (this.#form === "list") {
      yield* listedRecords(bytes)
      return
    }
    const value = parseJson(bytes)
    if (this.#form === "whole") yield* recordLines(value)
    else {
      const cutter = new ChunkSplitter(0)
      yield* cutter.split(value === undefined ? bytes : Buffer.from(textOf(value, bytes)))
      yield* cutter.rest()
    }
  }
}

/** undefined when it is not JSON. */
function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"))
  } catch {
    return undefined
  }
}

function* recordLines(value: unknown): Generator<Line> {
  if (typeof value !== "object" || value === null) return
  const list = (value as { entries?: unknown }).entries
  for (const each of Array.isArray(list) ? list : [value])
    yield { bytes: Buffer.from(JSON.stringify(each)), offset: 0, complete: true }
}

/** Texts of a tool result in several pieces; for any other value, all its strings. */
function textOf(value: unknown, bytes: Buffer): string {
  const texts = Array.isArray(value) ? value.map((each) => (each as { text?: unknown } | null)?.text) : []
  if (texts.length > 0 && texts.every((each) => typeof each === "string")) return texts.join("\n")
  return [...stringsIn(new MemoryLine(bytes), 0, bytes.length)].join("")
}
