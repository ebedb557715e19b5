/** Ranges of characters of languages that do not separate words with blanks: each character is a word. */
const ranges: readonly (readonly [number, number])[] = [
  [0x1100, 0x11ff],
  [0x2e80, 0x2fdf],
  [0x3005, 0x3007],
  [0x3021, 0x3029],
  [0x3031, 0x3035],
  [0x3040, 0x318f],
  [0x31a0, 0x31bf],
  [0x31f0, 0x31ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa960, 0xa97f],
  [0xac00, 0xd7ff],
  [0xf900, 0xfaff],
  [0xff66, 0xff9f],
  [0x20000, 0x3134f],
]

const escaped = (code: number) => `\\u{${code.toString(16)}}`

/** Matches one such character; for a pattern with the flag `u`. */
export const cjkSource = `[${ranges.map(([from, to]) => `${escaped(from)}-${escaped(to)}`).join("")}]`

let table: Uint8Array | null = null

/** 1 for each such character: for every character of every text, a lookup is faster than comparisons. */
export function cjkTable(): Uint8Array {
  if (table !== null) return table
  table = new Uint8Array(0x32000)
  for (const [from, to] of ranges) table.fill(1, from, to + 1)
  return table
}
