import { placeholders, secretPatterns } from "./patterns.ts"

/** A part of a text that looks like a secret. */
export interface FoundSecret {
  readonly kind: string
  readonly from: number
  readonly to: number
}

/** Where a private key begins and ends, of whatever kind: PEM, OpenSSH, PGP, PuTTY. */
const keyStart = /-----BEGIN (?:[A-Z0-9 ]{0,40} )?PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-\d:/g
const keyEnd = /-----END (?:[A-Z0-9 ]{0,40} )?PRIVATE KEY(?: BLOCK)?-----|Private-MAC:\s*\S+/g

/** What follows `start` in a text that is cut within a key. */
export interface OpenKey {
  /** The text before this one ended within a private key. */
  isOpen: boolean
}

/**
 * Everything in a text that looks like a secret, in order, without overlaps. A list of patterns finds what they
 * describe: best effort. `key`: carries a private key over the end of a text that continues in the next.
 */
export function findSecrets(text: string, key: OpenKey = { isOpen: false }): FoundSecret[] {
  const found = privateKeys(text, key)
  const lower = text.toLowerCase()
  for (const { kind, near, pattern } of secretPatterns) {
    if (!near.some((word) => lower.includes(word))) continue
    for (const match of text.matchAll(pattern)) {
      const value = match[1] ?? match[0]
      const from = match.index + (match[1] === undefined ? 0 : match[0].lastIndexOf(value))
      if (isSecret(kind, value)) found.push({ kind, from, to: from + value.length })
    }
  }
  return withoutOverlaps(found)
}

function privateKeys(text: string, key: OpenKey): FoundSecret[] {
  const found: FoundSecret[] = []
  let at = 0
  while (at <= text.length) {
    const from = key.isOpen ? at : indexOfMatch(keyStart, text, at)?.[0]
    if (from === undefined) return found
    const end = indexOfMatch(keyEnd, text, from)
    key.isOpen = end === undefined
    const to = end?.[1] ?? text.length
    if (to > from) found.push({ kind: "private key", from, to })
    if (end === undefined) return found
    at = to
  }
  return found
}

function indexOfMatch(pattern: RegExp, text: string, at: number): [from: number, to: number] | undefined {
  pattern.lastIndex = at
  const match = pattern.exec(text)
  return match === null ? undefined : [match.index, match.index + match[0].length]
}

/** An assigned value may be a word of a program; a password that is one word of letters is a secret all the same. */
function isSecret(kind: string, value: string): boolean {
  if (placeholders.test(value)) return false
  if (kind !== "assigned secret") return true
  if (/^[A-Za-z_$][\w$]*(?:\.[\w$]+)+\(?$/.test(value)) return false // a property: config.token
  return !/^\d{1,9}$/.test(value) || value.length >= 6
}

/** The longer of two that overlap, extended by the other. */
function withoutOverlaps(found: readonly FoundSecret[]): FoundSecret[] {
  const merged: FoundSecret[] = []
  for (const each of found.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    const last = merged.at(-1)
    if (last === undefined || each.from >= last.to) merged.push(each)
    else if (each.to > last.to) merged[merged.length - 1] = { ...last, to: each.to }
  }
  return merged
}

/** The text with black bars in place of what was found; the length of a secret is not told. */
export function blackOut(text: string, found: readonly FoundSecret[]): string {
  if (found.length === 0) return text
  let shown = ""
  let at = 0
  for (const { kind, from, to } of found) {
    shown += `${text.slice(at, from)}██████ (${kind})`
    at = to
  }
  return shown + text.slice(at)
}
