import { fullLength } from "./placeholder.ts"

/** All strings and numbers in a value, in order, without keys and base64 data. */
export function leavesOf(value: unknown): string[] {
  const found: string[] = []
  const open: unknown[] = [value] // no recursion: parsed input may be nested to any depth
  while (open.length > 0) {
    const each = open.pop()
    if (typeof each === "string") {
      if (each !== "" && !isBinary(each)) found.push(each)
    } else if (typeof each === "number") found.push(String(each))
    else if (typeof each === "object" && each !== null)
      for (const inner of Object.values(each).reverse()) open.push(inner)
  }
  return found
}

/** Long runs of base64 characters without white space are not text. */
function isBinary(value: string): boolean {
  return fullLength(value) > 2000 && /^[A-Za-z0-9+/=_-]+$/.test(value)
}
