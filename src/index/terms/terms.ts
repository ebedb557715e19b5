/** The terms of a query: how they are spelled, which forms they have, and what to suggest instead. */

import type { Phrase, Query } from "../query/ast.ts"
import { cjkSource } from "../text/cjk.ts"

/** A search term: one of the conditions of a query. */
export interface Term {
  /** As shown to the user. */
  readonly typed: string
  readonly query: Query
}

/** All terms of a query except the excluded ones. */
export function termsOf(query: Query): readonly Term[] {
  if (query.kind === "all" || query.kind === "any") return query.terms.flatMap(termsOf)
  if (query.kind === "near") {
    return [{ typed: `NEAR(${query.phrases.map(formatPhrase).join(" ")}, ${query.distance})`, query }]
  }
  return [{ typed: formatPhrase(query), query }]
}

/** Terms that the query excludes. */
export function exclusionsOf(query: Query): readonly Query[] {
  return query.kind === "all" ? query.not : []
}

/**
 * Parts of a term that was typed as one but is not found as such: the words of a path or name, or pairs of CJK
 * characters. Returns the term itself if it was quoted or has no parts.
 */
export function subTerms(term: Term): readonly Term[] {
  const { query } = term
  if (query.kind !== "phrase" || query.exact === true || query.words.length < 2) return [term]
  const pieces: Phrase[] = []
  for (const [index, word] of query.words.entries()) {
    const next = query.words[index + 1]
    const last = next === undefined
    if (!isCjk(word)) pieces.push({ kind: "phrase", words: [word], prefix: last && query.prefix })
    else if (next !== undefined && isCjk(next)) {
      pieces.push({ kind: "phrase", words: [word, next], prefix: false })
    } else if (!isCjk(query.words[index - 1] ?? "")) {
      pieces.push({ kind: "phrase", words: [word], prefix: false })
    }
  }
  return pieces.map((piece) => ({ typed: formatPhrase(piece), query: piece }))
}

const cjk = new RegExp(`^${cjkSource}`, "u")
const isCjk = (word: string) => cjk.test(word)

function formatPhrase({ words, prefix, exact }: Phrase): string {
  const said = words.every(isCjk) ? words.join("") : words.join(" ")
  return `${exact === true ? `"${said}"` : said}${prefix ? "*" : ""}`
}
