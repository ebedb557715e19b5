import { type Snippet, snippetOf } from "../matches/snippet.ts"
import type { IndexedPart } from "../model/indexed-part.ts"
import { limits } from "../model/limits.ts"
import type { Phrase } from "../query/ast.ts"
import type { PartReader } from "./parts.ts"

export interface Hit extends IndexedPart {
  /** Higher fits better; comparable within one answer only. */
  readonly score: number
  readonly snippet: Snippet
  /** The session's title with what was found in it; null where it has none, or nothing of it was asked for. */
  readonly titleSnippet: Snippet | null
  /** Of what was asked for, what stands neither in this part nor in its session's title, */
  readonly missing: readonly string[]
  /** and what of that is known to stand in another part of the session. */
  readonly elsewhere: readonly string[]
}

type MissingTerms = Pick<Hit, "missing" | "elsewhere">
const nothingMissing: MissingTerms = { missing: [], elsewhere: [] }

/** Makes hits of parts, by their numbers. */
export class HitBuilder {
  readonly #parts: PartReader

  constructor(parts: PartReader) {
    this.#parts = parts
  }

  /** `row`: of a text that has several, the one that is to be shown. None when there is no such part. */
  of(id: number, score: number, phrases: readonly Phrase[], row = id, lacking = nothingMissing): Hit[] {
    const part = this.#parts.get(id)
    if (part === null) return []
    const { blocks } = this.#parts
    const text =
      row === id ? part.text : `…${blocks.rowText(row - 1).slice(-limits.overlapChars)}${blocks.rowText(row)}`
    const title = part.title === null ? null : snippetOf(part.title, phrases)
    const titleSnippet = title === null || title.marks.length === 0 ? null : title
    return [{ ...part, score, snippet: snippetOf(text, phrases), titleSnippet, ...lacking }]
  }
}
