/** The known word that a mistyped one is closest to; null when none is close, or nothing of it was typed. */
export function closestWord(typed: string, known: readonly string[]): string | null {
  let best: string | null = null
  let least = Math.max(2, Math.floor(typed.length / 3)) + 1
  for (const word of known) {
    const steps = word.startsWith(typed) && typed.length > 1 ? 1 : distance(typed, word)
    if (steps < Math.min(least, word.length)) {
      best = word
      least = steps
    }
  }
  return best
}

/** Levenshtein's: insertions, deletions and replacements of one letter. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1))
    }
    row = next
  }
  return row[b.length] ?? 0
}
