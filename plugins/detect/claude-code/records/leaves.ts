import { fullLength } from "session-rescue"

/** Every text and number in a value, in its order, without the names of its keys; nothing of what is base64. */
export function leavesOf(value: unknown): string[] {
  const found: string[] = []
  const open: unknown[] = [value] // no recursion: what was parsed may be nested as deep as it likes
  while (open.length > 0) {
    const each = open.pop()
    if (typeof each === "string") {
      if (each !== "" && !isBinary(each)) found.push(each)
    } else if (typeof each === "number") found.push(String(each))
    else if (typeof each === "object" && each !== null) open.push(...Object.values(each).reverse())
  }
  return found
}

/** The same without what only says what each piece is, and each text once. */
export function wordsOf(value: unknown): string[] {
  const json = JSON.stringify(value, (key, each) => (key === "type" ? undefined : each)) as string | undefined
  return json === undefined ? [] : [...new Set(leavesOf(JSON.parse(json)))]
}

/** Long runs without any white space in the alphabet of base64 are no text. */
function isBinary(value: string): boolean {
  return fullLength(value) > 2000 && /^[A-Za-z0-9+/=_-]+$/.test(value)
}
