import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, type Phrase, type Query } from "../query/ast.ts"
import { withoutHidden } from "../query/filters.ts"
import { Spelling } from "./spelling.ts"
import { isStopWord } from "./stop-words.ts"
import { subTerms, type Term } from "./terms.ts"
import { formsOf } from "./word-forms.ts"

/** A word that no text contains, and the word searched for instead. */
export interface Correction {
  readonly typed: string
  readonly tried: string
}

/** A search term with the forms that occur in the index. */
export interface ResolvedTerm extends Term {
  /** Alternatives: the word as typed or corrected, and its other forms. Empty: no text contains any. */
  readonly forms: readonly Query[]
}

export interface ResolvedQuery {
  readonly terms: readonly ResolvedTerm[]
  readonly corrected: readonly Correction[]
  /** Further words that are spelled like those that no text contains. */
  readonly suggested: readonly string[]
}

/** Bounds for a query as long as a page: words looked up, words corrected. */
const maxTerms = 40
const maxCorrections = 3
const maxSuggestions = 10
/** Shorter words have too many neighbours: corrections are only suggested. */
const minCorrectedLength = 4

/** `fits`: whether a text that passes the filters matches. */
export function resolveTerms(
  database: Database,
  asked: readonly Term[],
  fits: (query: Query) => boolean,
): ResolvedQuery {
  const spelling = new Spelling(database)
  const holds = (query: Query) =>
    database
      .query("select 1 from search where search match ? limit 1")
      .get(withoutHidden(matchOf(query, ""))) !== null
  const corrected: Correction[] = []
  const offered = new Set<string>()
  let misspelt = 0
  const whole = asked.slice(0, maxTerms).flatMap((term) => (holds(term.query) ? [term] : subTerms(term)))
  const terms = distinct(whole.slice(0, maxTerms)).map((term): ResolvedTerm => {
    const word = wordOf(term.query)
    const own = holds(term.query) ? [term.query] : []
    if (word === null) return { ...term, forms: own }
    const forms = isStopWord(word) ? [] : formsOf(word).filter((form) => spelling.occurs(form))
    if (own.length + forms.length > 0) return { ...term, forms: [...own, ...forms.map(phrase)] }
    if (/\p{N}/u.test(word) || ++misspelt > maxCorrections) return { ...term, forms: [] }
    const near = spelling.near(word, 5).map((each) => each.word)
    const [tried] = word.length < minCorrectedLength ? [] : near.filter((each) => fits(phrase(each)))
    for (const each of [...near, ...spelling.completions(word, 5)]) if (each !== tried) offered.add(each)
    if (tried === undefined) return { ...term, forms: [] }
    corrected.push({ typed: term.typed, tried })
    const others = formsOf(tried).filter((form) => spelling.occurs(form))
    return { ...term, forms: [tried, ...others].map(phrase) }
  })
  return { terms, corrected, suggested: [...offered].slice(0, maxSuggestions) }
}

function phrase(word: string): Phrase {
  return { kind: "phrase", words: [word], prefix: false }
}

/** The word of a single-word query; null for longer ones and for prefixes. */
function wordOf(query: Query): string | null {
  return query.kind === "phrase" && query.words.length === 1 && !query.prefix
    ? (query.words[0] ?? null)
    : null
}

function distinct(terms: readonly Term[]): Term[] {
  return [...new Map(terms.map((term) => [JSON.stringify(term.query), term])).values()]
}
