import type { SourceForm } from "../model/source.ts"
import { HeldBytes } from "./held-bytes.ts"
import { leavesIn } from "./leaves.ts"
import type { Line } from "./lines.ts"
import { PieceCutter } from "./text-chunks.ts"

/** Of a larger file only this much is understood. */
const mostBytes = 64 << 20

/** Whether such a file is JSON as a whole, so that it cannot be read on from the middle. */
export function isOneDocument(form: SourceForm | undefined): boolean {
  return form === "pieces" || form === "whole"
}

/**
 * Holds a file that is one JSON document until it is there as a whole. Of `pieces` come the texts, in the pieces of a kept
 * output, their places those in the text; of `whole` the record that it is, or those of its list.
 */
export class WholeFile {
  /** Nothing of it is done with before all of it is. */
  readonly offset = 0
  readonly #held: Buffer[] = []
  #length = 0
  readonly #form: SourceForm

  constructor(form: SourceForm) {
    this.#form = form
  }

  cut(chunk: Uint8Array): readonly Line[] {
    if (this.#length < mostBytes) this.#held.push(Buffer.from(chunk))
    this.#length += chunk.length
    return []
  }

  *rest(): Generator<Line> {
    const bytes = Buffer.concat(this.#held)
    const value = parsed(bytes)
    if (this.#form === "whole") yield* recordsIn(value)
    else {
      const cutter = new PieceCutter(0)
      yield* cutter.cut(value === undefined ? bytes : Buffer.from(textOf(value, bytes)))
      yield* cutter.rest()
    }
  }
}

/** undefined: it is no JSON. */
function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString("utf8"))
  } catch {
    return undefined
  }
}

function* recordsIn(value: unknown): Generator<Line> {
  if (typeof value !== "object" || value === null) return
  const list = (value as { entries?: unknown }).entries
  for (const each of Array.isArray(list) ? list : [value])
    yield { bytes: Buffer.from(JSON.stringify(each)), offset: 0, whole: true }
}

/** A tool's answer in several pieces is a list of texts; of whatever else it is, every text in it. */
function textOf(value: unknown, bytes: Buffer): string {
  const texts = Array.isArray(value) ? value.map((each) => (each as { text?: unknown } | null)?.text) : []
  if (texts.length > 0 && texts.every((each) => typeof each === "string")) return texts.join("\n")
  return [...leavesIn(new HeldBytes(bytes), 0, bytes.length)].join("")
}
