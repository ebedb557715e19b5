import type { Phrase } from "../query/ast.ts"

const enough = 50

/** How often a phrase stands in a folded text; beyond fifty times nobody counts. */
export function countOf({ words, prefix }: Phrase, text: string): number {
  const [first = "", ...others] = words
  let count = 0
  for (let at = text.indexOf(first); at !== -1 && count < enough; at = text.indexOf(first, at + 1)) {
    if (isWordSign(text, at - 1)) continue
    let end = at + first.length
    const follows = others.every((word) => {
      const start = nextWord(text, end)
      end = start + word.length
      return start !== -1 && text.startsWith(word, start)
    })
    if (follows && (prefix || !isWordSign(text, end))) count++
  }
  return count
}

/** Where the next word begins; -1 when the one at hand goes on. */
function nextWord(text: string, from: number): number {
  if (isWordSign(text, from)) return -1
  let at = from
  while (at < text.length && !isWordSign(text, at)) at++
  return at
}

function isWordSign(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  if (code < 0x80) {
    return (code >= 0x61 && code <= 0x7a) || (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a)
  }
  return code >= 0x80 && /[\p{L}\p{N}\p{Co}]/u.test(String.fromCodePoint(text.codePointAt(at) ?? 0))
}
