import type { SessionWords } from "../sessions/session-words.ts"

/** What a typed filter is looked for in. */
const fields = ["title", "folder", "where", "state", "detail", "id", "agent"] as const

/**
 * How well a row fits what was typed: every word has to be in one of its fields. 0: it does not. A word that begins a
 * word of the row counts most, then one inside a word, then its letters in order.
 */
export function matchScore(typed: string, words: SessionWords, more: readonly string[]): number {
  const texts = [...fields.map((field) => words[field]), ...more].map((text) => text.toLowerCase())
  const loose = [words.title, words.folder].map((text) => text.toLowerCase())
  let score = 1
  for (const word of typed.toLowerCase().split(/\s+/)) {
    if (word === "") continue
    const best = Math.max(...texts.map((text) => wordScore(word, text)))
    if (best === 0 && !loose.some((text) => hasLettersInOrder(word, text))) return 0
    score += Math.max(1, best)
  }
  return score
}

function wordScore(word: string, text: string): number {
  const at = text.indexOf(word)
  if (at === 0 || (at > 0 && /[^\p{L}\p{N}]/u.test(text.charAt(at - 1)))) return 3
  return at > 0 ? 2 : 0
}

/** Only where the letters lie close together, or three letters would be found in any long title. */
function hasLettersInOrder(word: string, text: string): boolean {
  if (word.length < 3) return false
  let at = text.indexOf(word.charAt(0))
  while (at !== -1) {
    let end = at
    for (const letter of word.slice(1)) {
      end = text.indexOf(letter, end + 1)
      if (end === -1) return false
    }
    if (end - at < word.length * 2) return true
    at = text.indexOf(word.charAt(0), at + 1)
  }
  return false
}
