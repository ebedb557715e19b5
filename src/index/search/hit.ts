import { type Snippet, snippetOf } from "../matches/snippet.ts"
import type { IndexedPart } from "../model/indexed-part.ts"
import { measures } from "../model/limits.ts"
import type { Phrase } from "../query/ast.ts"
import type { Parts } from "./parts.ts"

export interface Hit extends IndexedPart {
  /** Higher fits better; comparable within one answer only. */
  readonly score: number
  readonly snippet: Snippet
  /** The session's title with what was found in it; null where it has none, or nothing of it was asked for. */
  readonly named: Snippet | null
  /** Of what was asked for, what stands neither in this part nor in its session's title, */
  readonly missing: readonly string[]
  /** and what of that is known to stand in another part of the session. */
  readonly elsewhere: readonly string[]
}

type Lacking = Pick<Hit, "missing" | "elsewhere">
const lacksNothing: Lacking = { missing: [], elsewhere: [] }

/** Makes hits of parts, by their numbers. */
export class Hits {
  readonly #parts: Parts

  constructor(parts: Parts) {
    this.#parts = parts
  }

  /** `row`: of a text that has several, the one that is to be shown. None when there is no such part. */
  of(id: number, score: number, phrases: readonly Phrase[], row = id, lacking = lacksNothing): Hit[] {
    const part = this.#parts.get(id)
    if (part === null) return []
    const { blocks } = this.#parts
    const text =
      row === id ? part.text : `…${blocks.stretch(row - 1).slice(-measures.overlap)}${blocks.stretch(row)}`
    const title = part.title === null ? null : snippetOf(part.title, phrases)
    const named = title === null || title.marks.length === 0 ? null : title
    return [{ ...part, score, snippet: snippetOf(text, phrases), named, ...lacking }]
  }
}
