const backslash = 0x5c

/** Where `\uD8xx` stands without its other half, in a whole JSON text; the API refuses text with such halves. */
export function findLoneSurrogates(bytes: Uint8Array): readonly number[] {
  const lone: number[] = []
  for (let at = bytes.indexOf(backslash); at !== -1; ) {
    const unit = escapedUnit(bytes, at)
    let behind = at + (unit === null ? 2 : 6)
    if (unit !== null && unit >= 0xd800 && unit <= 0xdbff) {
      const other = bytes[behind] === backslash ? escapedUnit(bytes, behind) : null
      if (other !== null && other >= 0xdc00 && other <= 0xdfff) behind += 6
      else lone.push(at)
    } else if (unit !== null && unit >= 0xdc00 && unit <= 0xdfff) lone.push(at)
    at = bytes.indexOf(backslash, behind)
  }
  return lone
}

/** The value of `\uXXXX`; null for any other escape. */
function escapedUnit(bytes: Uint8Array, at: number): number | null {
  if (bytes[at + 1] !== 0x75) return null
  const text = String.fromCharCode(...bytes.subarray(at + 2, at + 6))
  return /^[0-9a-fA-F]{4}$/.test(text) ? Number.parseInt(text, 16) : null
}

/** The same text with U+FFFD in place of each of these halves. */
export function replaceLoneSurrogates(bytes: Uint8Array): Uint8Array {
  const replaced = bytes.slice()
  const mark = new TextEncoder().encode("\\ufffd")
  for (const at of findLoneSurrogates(bytes)) replaced.set(mark, at)
  return replaced
}
