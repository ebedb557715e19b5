import { wordsOf } from "../text/tokenizer.ts"
import type { Query } from "./ast.ts"

export type Token =
  | { readonly type: "term"; readonly query: Query; readonly not: boolean }
  | { readonly type: "or" | "and" | "not" | "open" | "close"; readonly negated?: boolean }

const operators: Readonly<Record<string, "or" | "and" | "not">> = { OR: "or", AND: "and", NOT: "not" }

export function* tokensOf(text: string): Generator<Token> {
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
        token.type === "term" && token.query.kind === "phrase" ? [token.query] : [],
      )
      if (phrases.length > 0) {
        yield {
          type: "term",
          query: { kind: "near", phrases, distance: Number(near[2] ?? 10) },
          not: negated,
        }
      }
      at = start + near[0].length
    } else if (body.startsWith('"')) {
      const end = body.indexOf('"', 1)
      const length = end === -1 ? body.length : end + 1
      const star = body[length] === "*"
      yield* term(body.slice(1, end === -1 ? undefined : end), star, negated, true)
      at = start + length + (star ? 1 : 0)
    } else if (body.startsWith("(")) {
      yield { type: "open", negated }
      at = start + 1
    } else if (body.startsWith(")")) {
      yield { type: "close" }
      at = start + 1
    } else {
      const chunk = untilBlank(body)
      const operator = negated ? undefined : operators[chunk]
      if (operator !== undefined) yield { type: operator }
      else yield* term(chunk.replace(/\*+$/, ""), chunk.endsWith("*"), negated)
      at = start + chunk.length
    }
  }
}

function* term(text: string, prefix: boolean, not: boolean, quoted = false): Generator<Token> {
  const words = [...wordsOf(text)].map(({ word }) => word)
  const exact = quoted && words.length > 1 ? ({ exact: true } as const) : {}
  if (words.length > 0) yield { type: "term", query: { kind: "phrase", words, prefix, ...exact }, not }
}

/** The text up to the next blank or unmatched closing parenthesis: the parentheses of `open(path)` belong to it. */
function untilBlank(body: string): string {
  let depth = 0
  for (let at = 0; at < body.length; at++) {
    const sign = body[at] ?? ""
    if (/\s/.test(sign)) return body.slice(0, at)
    if (sign === "(") depth++
    if (sign === ")" && --depth < 0) return body.slice(0, at)
  }
  return body
}
