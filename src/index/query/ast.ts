/** A parsed query. There are no syntax errors: anything that cannot be parsed is taken as words. */
export type Query =
  /** `exact`: quoted, so its words are never searched for separately. */
  | {
      readonly kind: "phrase"
      readonly words: readonly string[]
      readonly prefix: boolean
      readonly exact?: true
    }
  | { readonly kind: "near"; readonly phrases: readonly Phrase[]; readonly distance: number }
  | { readonly kind: "all"; readonly terms: readonly Query[]; readonly not: readonly Query[] }
  | { readonly kind: "any"; readonly terms: readonly Query[] }
export type Phrase = Extract<Query, { kind: "phrase" }>

/** The expression for the full-text table; consists of quoted words and operators only. `every`: matches all rows. */
export function matchOf(query: Query, every: string): string {
  switch (query.kind) {
    case "phrase":
      return phraseText(query)
    case "near":
      if (query.phrases.length === 1) return query.phrases.map(phraseText).join("")
      return `NEAR(${query.phrases.map(phraseText).join(" ")}, ${Math.min(query.distance, 1_000_000)})`
    case "any":
      return `(${query.terms.map((each) => matchOf(each, every)).join(" OR ")})`
    case "all": {
      const of = query.terms.length === 0 ? [every] : query.terms.map((each) => matchOf(each, every))
      const wanted = `(${of.join(" AND ")})`
      if (query.not.length === 0) return wanted
      return `(${wanted} NOT (${query.not.map((each) => matchOf(each, every)).join(" OR ")}))`
    }
  }
}

function phraseText({ words, prefix }: Phrase): string {
  return `"${words.join(" ")}"${prefix ? " *" : ""}`
}

/** The phrases that a hit may contain: those not excluded. */
export function phrasesOf(query: Query): readonly Phrase[] {
  switch (query.kind) {
    case "phrase":
      return [query]
    case "near":
      return query.phrases
    default:
      return query.terms.flatMap(phrasesOf)
  }
}
