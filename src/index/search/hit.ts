import { type Snippet, snippetOf } from "../matches/snippet.ts"
import type { IndexedPart } from "../model/indexed-part.ts"
import { limits } from "../model/limits.ts"
import type { Phrase } from "../query/ast.ts"
import type { PartReader } from "./parts.ts"

export interface Hit extends IndexedPart {
  /** Higher is better; comparable within one result only. */
  readonly score: number
  readonly snippet: Snippet
  /** The session's title with its matches; null when there is no title or nothing in it matches. */
  readonly titleSnippet: Snippet | null
  /** Terms found neither in this part nor in its session's title. */
  readonly missing: readonly string[]
  /** Those of `missing` that another part of the session contains. */
  readonly elsewhere: readonly string[]
}

type MissingTerms = Pick<Hit, "missing" | "elsewhere">
const nothingMissing: MissingTerms = { missing: [], elsewhere: [] }

/** Creates hits from part ids. */
export class HitBuilder {
  readonly #parts: PartReader

  constructor(parts: PartReader) {
    this.#parts = parts
  }

  /** `row`: the row of a long text to show. Empty when there is no such part. */
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
