/**
 * What stands for a long string in a record of many MB: its beginning, and a mark behind it that says which one it is.
 * The mark of what may be base64 is in that alphabet too.
 */
export interface Placeholder {
  readonly number: number
  /** Characters of the whole string. */
  readonly length: number
  readonly sum: number
  readonly binary: boolean
}

export function markOf({ number, length, sum, binary }: Placeholder): string {
  return `//sr${[number, length, sum].map((each) => `${binary ? "+" : ":"}${each}`).join("")}//`
}

const mark = "//sr([+:])(\\d{1,9})\\1(\\d{1,12})\\1(\\d{1,10})//"
const markAtEnd = new RegExp(`${mark}$`)

/** How long a string of a record really is: also one that is so long that only its beginning is at hand. */
export function fullLength(text: string): number {
  const found = text.endsWith("//") && text.length < 4096 ? markAtEnd.exec(text.slice(-64)) : null
  return found === null ? text.length : Number(found[3])
}

/** A text cut where a mark of `known` stands in it; numbers are those of the marks. */
export function splitAtMarks(
  text: string,
  known: (number: number) => Placeholder | undefined,
): (string | number)[] {
  const pieces: (string | number)[] = []
  let at = 0
  for (const found of text.matchAll(new RegExp(mark, "g"))) {
    const number = Number(found[2])
    const is = known(number)
    if (is === undefined || markOf(is) !== found[0]) continue
    if (found.index > at) pieces.push(text.slice(at, found.index))
    pieces.push(number)
    at = found.index + found[0].length
  }
  if (at < text.length) pieces.push(text.slice(at))
  return pieces
}
