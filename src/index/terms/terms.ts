import type { Phrase, Query } from "../query/ast.ts"
import { cjkSource } from "../text/cjk.ts"

/** One of the things that a query asks for. */
export interface Term {
  /** As it is told to whoever asked. */
  readonly typed: string
  readonly query: Query
}

/** All that a query asks for, one by one: what it excludes is not among them. */
export function termsOf(query: Query): readonly Term[] {
  if (query.kind === "all" || query.kind === "any") return query.terms.flatMap(termsOf)
  if (query.kind === "near") {
    return [{ typed: `NEAR(${query.phrases.map(formatPhrase).join(" ")}, ${query.distance})`, query }]
  }
  return [{ typed: formatPhrase(query), query }]
}

/** What is excluded whatever else is asked for. */
export function exclusionsOf(query: Query): readonly Query[] {
  return query.kind === "all" ? query.not : []
}

/**
 * Pieces of a term that was typed as one but stands nowhere as such: the words of a path or a name, each two signs of a
 * writing without blanks. Itself, where it was put in quotes or has no pieces.
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
