import { wordsOf } from "./words.ts"

/** What a person typed, understood. Whatever cannot be understood is taken as words: nothing is a syntax error. */
export type Query =
  | { readonly kind: "phrase"; readonly words: readonly string[]; readonly prefix: boolean }
  | { readonly kind: "near"; readonly phrases: readonly Phrase[]; readonly distance: number }
  | { readonly kind: "all"; readonly of: readonly Query[]; readonly not: readonly Query[] }
  | { readonly kind: "any"; readonly of: readonly Query[] }
export type Phrase = Extract<Query, { kind: "phrase" }>

type Token =
  | { readonly is: "term"; readonly query: Query; readonly not: boolean }
  | { readonly is: "or" | "and" | "not" | "open" | "close"; readonly negated?: boolean }

/** null: there is no letter and no digit in it. */
export function parseQuery(text: string): Query | null {
  const tokens = [...tokensOf(text)]
  const parts: Query[] = []
  for (let at = 0; at < tokens.length; ) {
    const { query, next } = readAny(tokens, at)
    if (query !== null) parts.push(query)
    at = next + 1 // a closing bracket that nothing opened
  }
  return parts.length > 1 ? { kind: "all", of: parts, not: [] } : (parts[0] ?? null)
}

interface Step {
  readonly query: Query | null
  readonly next: number
}

function readAny(tokens: readonly Token[], from: number): Step {
  const branches: Query[] = []
  let at = from
  for (;;) {
    const { query, next } = readAll(tokens, at)
    if (query !== null) branches.push(query)
    at = next
    if (tokens[at]?.is !== "or") break
    at++
  }
  return { query: branches.length > 1 ? { kind: "any", of: branches } : (branches[0] ?? null), next: at }
}

function readAll(tokens: readonly Token[], from: number): Step {
  const of: Query[] = []
  const not: Query[] = []
  let negated = false
  let at = from
  for (; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined || token.is === "or" || token.is === "close") break
    if (token.is === "and") continue
    if (token.is === "not") {
      negated = true
      continue
    }
    let query: Query | null
    let without = negated
    if (token.is === "term") {
      query = token.query
      without ||= token.not
    } else {
      without ||= token.negated === true
      const inner = readAny(tokens, at + 1)
      query = inner.query
      at = inner.next
    }
    if (query !== null) (without ? not : of).push(query)
    negated = false
  }
  if (not.length === 0 && of.length <= 1) return { query: of[0] ?? null, next: at }
  return { query: { kind: "all", of, not }, next: at }
}

const operators: Readonly<Record<string, "or" | "and" | "not">> = { OR: "or", AND: "and", NOT: "not" }

function* tokensOf(text: string): Generator<Token> {
  for (let at = 0; at < text.length; ) {
    if (/\s/.test(text[at] ?? "")) {
      at++
      continue
    }
    const rest = text.slice(at)
    const negated = /^-(?=["\p{L}\p{N}(])/u.test(rest)
    const start = at + (negated ? 1 : 0)
    const body = negated ? rest.slice(1) : rest
    const near = /^NEAR\(([^()]*?)(?:,\s*(\d+)\s*)?\)/.exec(body)
    if (near !== null) {
      const phrases = [...tokensOf(near[1] ?? "")].flatMap((token) =>
        token.is === "term" && token.query.kind === "phrase" ? [token.query] : [],
      )
      if (phrases.length > 0) {
        yield { is: "term", query: { kind: "near", phrases, distance: Number(near[2] ?? 10) }, not: negated }
      }
      at = start + near[0].length
    } else if (body.startsWith('"')) {
      const end = body.indexOf('"', 1)
      const length = end === -1 ? body.length : end + 1
      const star = body[length] === "*"
      yield* term(body.slice(1, end === -1 ? undefined : end), star, negated)
      at = start + length + (star ? 1 : 0)
    } else if (body.startsWith("(")) {
      yield { is: "open", negated }
      at = start + 1
    } else if (body.startsWith(")")) {
      yield { is: "close" }
      at = start + 1
    } else {
      const chunk = chunkOf(body)
      const operator = negated ? undefined : operators[chunk]
      if (operator !== undefined) yield { is: operator }
      else yield* term(chunk.replace(/\*+$/, ""), chunk.endsWith("*"), negated)
      at = start + chunk.length
    }
  }
}

/** Up to the next blank; a bracket that closes none of its own belongs to the query, `open(path)` does not. */
function chunkOf(body: string): string {
  let depth = 0
  for (let at = 0; at < body.length; at++) {
    const sign = body[at] ?? ""
    if (/\s/.test(sign)) return body.slice(0, at)
    if (sign === "(") depth++
    if (sign === ")" && --depth < 0) return body.slice(0, at)
  }
  return body
}

function* term(text: string, prefix: boolean, not: boolean): Generator<Token> {
  const words = [...wordsOf(text)].map(({ word }) => word)
  if (words.length > 0) yield { is: "term", query: { kind: "phrase", words, prefix }, not }
}

/** The expression for the full-text table: only words in quotes and operators are in it. `every`: what all rows fit. */
export function matchOf(query: Query, every: string): string {
  switch (query.kind) {
    case "phrase":
      return phraseText(query)
    case "near":
      if (query.phrases.length === 1) return query.phrases.map(phraseText).join("")
      return `NEAR(${query.phrases.map(phraseText).join(" ")}, ${Math.min(query.distance, 1_000_000)})`
    case "any":
      return `(${query.of.map((each) => matchOf(each, every)).join(" OR ")})`
    case "all": {
      const of = query.of.length === 0 ? [every] : query.of.map((each) => matchOf(each, every))
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
      return query.of.flatMap(phrasesOf)
  }
}
