import { type Token, tokensOf } from "./query-tokens.ts"
import type { Query } from "./query-tree.ts"

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
