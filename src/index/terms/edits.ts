/** Levenshtein distance that counts swapped neighbours as one edit; above `allowed`, any larger number. */
export function editDistance(a: string, b: string, allowed: number): number {
  if (Math.abs(a.length - b.length) > allowed) return allowed + 1
  let before: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let least = Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1)
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        least = Math.min(least, (before[j - 2] ?? 0) + 1)
      }
      next.push(least)
    }
    before = row
    row = next
  }
  return row[b.length] ?? 0
}

/** Alphabets small enough to try every letter. */
const alphabets: readonly (readonly [script: RegExp, letters: string])[] = [
  [/^[a-z]+$/, "abcdefghijklmnopqrstuvwxyz"],
  [/^[a-zß-ÿœ]+$/, "abcdefghijklmnopqrstuvwxyzßæøœ"],
  [/^[а-яёіїєґў]+$/, "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєґў"],
  [/^[α-ω]+$/, "αβγδεζηθικλμνξοπρσςτυφχψω"],
]
const maxWordLength = 24

/** All words one edit away: a letter inserted, removed, replaced, or swapped with the next. */
export function editsOf(word: string): ReadonlySet<string> {
  const letters =
    word.length > maxWordLength ? undefined : alphabets.find(([script]) => script.test(word))?.[1]
  const edits = new Set<string>()
  for (let at = 0; at <= word.length; at++) {
    const [before, behind] = [word.slice(0, at), word.slice(at)]
    if (behind.length > 0) edits.add(before + behind.slice(1))
    if (behind.length > 1) edits.add(before + behind.charAt(1) + behind.charAt(0) + behind.slice(2))
    for (const letter of letters ?? "") {
      edits.add(before + letter + behind)
      if (behind.length > 0) edits.add(before + letter + behind.slice(1))
    }
  }
  edits.delete(word)
  return edits
}
