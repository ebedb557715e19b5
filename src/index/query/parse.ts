/** Parses queries, and turns queries and filters into expressions for the full-text table. */

import type { Query } from "./ast.ts"
import { type Token, tokensOf } from "./lexer.ts"

/** Parentheses nested deeper than this are ignored: the full-text table's own parser would fail. */
const maxDepth = 10

/** null: the query contains no letter or digit. */
export function parseQuery(text: string): Query | null {
  const tokens = [...tokensOf(text)]
  const parts: Query[] = []
  for (let at = 0; at < tokens.length; ) {
    const { query, next } = readAny(tokens, at, 0)
    if (query !== null) parts.push(query)
    at = next + 1 // skip an unmatched closing parenthesis
  }
  const terms = distinct(parts)
  return terms.length > 1 ? { kind: "all", terms, not: [] } : (terms[0] ?? null)
}

interface Step {
  readonly query: Query | null
  readonly next: number
}

function readAny(tokens: readonly Token[], from: number, depth: number): Step {
  const all: Query[] = []
  let at = from
  for (;;) {
    const { query, next } = readAll(tokens, at, depth)
    if (query !== null) all.push(query)
    at = next
    if (tokens[at]?.type !== "or") break
    at++
  }
  const branches = distinct(all)
  return { query: branches.length > 1 ? { kind: "any", terms: branches } : (branches[0] ?? null), next: at }
}

function readAll(tokens: readonly Token[], from: number, depth: number): Step {
  const of: Query[] = []
  const not: Query[] = []
  let negated = false
  let at = from
  for (; at < tokens.length; at++) {
    const token = tokens[at]
    if (token === undefined || token.type === "or" || token.type === "close") break
    if (token.type === "and") continue
    if (token.type === "not") {
      negated = true
      continue
    }
    if (token.type === "open" && depth === maxDepth) continue
    let query: Query | null
    let without = negated
    if (token.type === "term") {
      query = token.query
      without ||= token.not
    } else {
      without ||= token.negated === true
      const inner = readAny(tokens, at + 1, depth + 1)
      query = inner.query
      at = inner.next
    }
    if (query !== null) (without ? not : of).push(query)
    negated = false
  }
  const [wanted, unwanted] = [distinct(of), distinct(not)]
  if (unwanted.length === 0 && wanted.length <= 1) return { query: wanted[0] ?? null, next: at }
  return { query: { kind: "all", terms: wanted, not: unwanted }, next: at }
}

/** Drops duplicates; each would cost a lookup. */
function distinct<T extends Query>(queries: readonly T[]): T[] {
  return [...new Map(queries.map((query) => [JSON.stringify(query), query])).values()]
}
