/**
 * Replaces a long string in a record of many MB: its beginning, then a mark that identifies the string. The
 * mark for possible base64 uses only base64 characters.
 */
export interface Placeholder {
  readonly number: number
  /** Length of the full string, in characters. */
  readonly length: number
  readonly sum: number
  readonly binary: boolean
}

export function markOf({ number, length, sum, binary }: Placeholder): string {
  return `//sr${[number, length, sum].map((each) => `${binary ? "+" : ":"}${each}`).join("")}//`
}

const mark = "//sr([+:])(\\d{1,9})\\1(\\d{1,12})\\1(\\d{1,10})//"
const markAtEnd = new RegExp(`${mark}$`)

/** The real length of a record's string, also of a placeholder. */
export function fullLength(text: string): number {
  const found = text.endsWith("//") && text.length < 4096 ? markAtEnd.exec(text.slice(-64)) : null
  return found === null ? text.length : Number(found[3])
}

/** Splits a text at the marks in `known`; numbers in the result identify marks. */
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
