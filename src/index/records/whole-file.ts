import type { SourceForm } from "../model/source.ts"
import { MemoryLine } from "./held-bytes.ts"
import { stringsIn } from "./leaves.ts"
import type { Line } from "./lines.ts"
import { ChunkSplitter } from "./text-chunks.ts"

/** Of a larger file only this much is understood. */
const maxDocumentBytes = 64 << 20

/** Whether such a file is JSON as a whole, so that it cannot be read on from the middle. */
export function isOneDocument(form: SourceForm | undefined): boolean {
  return form === "pieces" || form === "whole"
}

/**
 * Holds a file that is one JSON document until it is there as a whole. Of `pieces` come the texts, in the pieces of a kept
 * output, their places those in the text; of `whole` the record that it is, or those of its list.
 */
export class DocumentReader {
  /** Nothing of it is done with before all of it is. */
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
    const value = parseJson(bytes)
    if (this.#form === "whole") yield* recordLines(value)
    else {
      const cutter = new ChunkSplitter(0)
      yield* cutter.split(value === undefined ? bytes : Buffer.from(textOf(value, bytes)))
      yield* cutter.rest()
    }
  }
}

/** undefined: it is no JSON. */
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

/** A tool's answer in several pieces is a list of texts; of whatever else it is, every text in it. */
function textOf(value: unknown, bytes: Buffer): string {
  const texts = Array.isArray(value) ? value.map((each) => (each as { text?: unknown } | null)?.text) : []
  if (texts.length > 0 && texts.every((each) => typeof each === "string")) return texts.join("\n")
  return [...stringsIn(new MemoryLine(bytes), 0, bytes.length)].join("")
}
