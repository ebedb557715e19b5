import type { Database } from "../../system/sqlite/database.ts"
import { matchOf, type Phrase, type Query } from "../query/ast.ts"
import { onlySaid } from "../query/filters.ts"
import { Spelling } from "./spelling.ts"
import { isStopWord } from "./stop-words.ts"
import { piecesOf, type Term } from "./terms.ts"
import { formsOf } from "./word-forms.ts"

/** A word that no text holds, and the one that was looked for in its place. */
export interface Correction {
  readonly typed: string
  readonly tried: string
}

/** What is asked for, as it stands in the index. */
export interface ResolvedTerm extends Term {
  /** Any of them will do: the word as it was typed or corrected, and its other forms. None: no text holds any. */
  readonly forms: readonly Query[]
}

export interface Resolved {
  readonly terms: readonly ResolvedTerm[]
  readonly corrected: readonly Correction[]
  /** More words that are spelt like those that no text holds. */
  readonly offered: readonly string[]
}

/** Of a whole page as a query, so many words are looked up; and of those that are nowhere, so many corrected. */
const mostTerms = 40
const mostMisspelt = 3
const mostOffered = 10
/** Words of three letters are so near to one another that another one is offered, and not tried. */
const shortest = 4

/** `fits`: whether a text holds it to which the filters apply. */
export function resolve(
  database: Database,
  asked: readonly Term[],
  fits: (query: Query) => boolean,
): Resolved {
  const spelling = new Spelling(database)
  const holds = (query: Query) =>
    database.query("select 1 from words where words match ? limit 1").get(onlySaid(matchOf(query, ""))) !==
    null
  const corrected: Correction[] = []
  const offered = new Set<string>()
  let misspelt = 0
  const whole = asked.slice(0, mostTerms).flatMap((term) => (holds(term.query) ? [term] : piecesOf(term)))
  const terms = distinct(whole.slice(0, mostTerms)).map((term): ResolvedTerm => {
    const word = wordOf(term.query)
    const own = holds(term.query) ? [term.query] : []
    if (word === null) return { ...term, forms: own }
    const forms = isStopWord(word) ? [] : formsOf(word).filter((form) => spelling.holds(form))
    if (own.length + forms.length > 0) return { ...term, forms: [...own, ...forms.map(phrase)] }
    if (/\p{N}/u.test(word) || ++misspelt > mostMisspelt) return { ...term, forms: [] }
    const near = spelling.near(word, 5).map((each) => each.word)
    const [tried] = word.length < shortest ? [] : near.filter((each) => fits(phrase(each)))
    for (const each of [...near, ...spelling.goingOn(word, 5)]) if (each !== tried) offered.add(each)
    if (tried === undefined) return { ...term, forms: [] }
    corrected.push({ typed: term.typed, tried })
    const others = formsOf(tried).filter((form) => spelling.holds(form))
    return { ...term, forms: [tried, ...others].map(phrase) }
  })
  return { terms, corrected, offered: [...offered].slice(0, mostOffered) }
}

function phrase(word: string): Phrase {
  return { kind: "phrase", words: [word], prefix: false }
}

/** The single word that is asked for; null where it is more than that, or only its beginning. */
function wordOf(query: Query): string | null {
  return query.kind === "phrase" && query.words.length === 1 && !query.prefix
    ? (query.words[0] ?? null)
    : null
}

function distinct(terms: readonly Term[]): Term[] {
  return [...new Map(terms.map((term) => [JSON.stringify(term.query), term])).values()]
}
