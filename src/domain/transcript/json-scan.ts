/** A strict JSON reader over bytes: it says where a value ends and where a member lies, and builds nothing. */

const quote = 0x22
const backslash = 0x5c
const maxDepth = 512

/**
 * The offset behind the value that begins at `at`. Negative when no whole value does: the complement (`~`) of the offset
 * that was reached.
 */
export function endOfValue(bytes: Uint8Array, at: number): number {
  return skipValue(bytes, skipBlanks(bytes, at), 0)
}

export function skipBlanks(bytes: Uint8Array, at: number): number {
  let here = at
  while (isBlank(bytes[here])) here++
  return here
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
}

function skipValue(bytes: Uint8Array, at: number, depth: number): number {
  const first = bytes[at]
  if (first === quote) return skipString(bytes, at)
  if (first === 0x7b || first === 0x5b) return depth > maxDepth ? ~at : skipContainer(bytes, at, depth)
  return skipScalar(bytes, at)
}

/** An object or an array. */
function skipContainer(bytes: Uint8Array, at: number, depth: number): number {
  const isObject = bytes[at] === 0x7b
  const close = isObject ? 0x7d : 0x5d
  let here = skipBlanks(bytes, at + 1)
  if (bytes[here] === close) return here + 1
  for (;;) {
    if (isObject) {
      here = bytes[here] === quote ? skipString(bytes, here) : ~here
      if (here < 0) return here
      here = skipBlanks(bytes, here)
      if (bytes[here] !== 0x3a) return ~here
      here = skipBlanks(bytes, here + 1)
    }
    here = skipValue(bytes, here, depth + 1)
    if (here < 0) return here
    here = skipBlanks(bytes, here)
    if (bytes[here] === close) return here + 1
    if (bytes[here] !== 0x2c) return ~here
    here = skipBlanks(bytes, here + 1)
  }
}

function skipString(bytes: Uint8Array, at: number): number {
  for (let here = at + 1; here < bytes.length; here++) {
    const byte = bytes[here] as number
    if (byte === quote) return here + 1
    if (byte < 0x20) return ~here
    if (byte !== backslash) continue
    const escaped = bytes[++here] ?? 0
    if (escaped === 0x75) {
      if (!isHex(bytes, here + 1)) return ~here
      here += 4
    } else if (!simpleEscapes.has(escaped)) return ~here
  }
  return ~bytes.length
}

const simpleEscapes = new Set([...'"\\/bfnrt'].map((char) => char.charCodeAt(0)))

function isHex(bytes: Uint8Array, at: number): boolean {
  for (let here = at; here < at + 4; here++) {
    const byte = bytes[here] ?? 0
    const isDigit = byte >= 0x30 && byte <= 0x39
    const letter = byte | 0x20
    if (!isDigit && !(letter >= 0x61 && letter <= 0x66)) return false
  }
  return true
}

const scalarForm = /^(?:true|false|null|-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/
const maxScalarBytes = 400

function skipScalar(bytes: Uint8Array, at: number): number {
  let end = at
  while (end < bytes.length && end - at <= maxScalarBytes && isScalarByte(bytes[end] as number)) end++
  let text = ""
  for (let here = at; here < end; here++) text += String.fromCharCode(bytes[here] as number)
  return scalarForm.test(text) ? end : ~end
}

function isScalarByte(byte: number): boolean {
  const letter = byte | 0x20
  const isLetter = letter >= 0x61 && letter <= 0x7a
  return isLetter || (byte >= 0x30 && byte <= 0x39) || byte === 0x2b || byte === 0x2d || byte === 0x2e
}

type JsonPath = readonly (string | number)[]

/** Where the value at a path of a whole JSON value is; null when it has none. Of equal keys the last counts, as to a parser. */
function locateValue(bytes: Uint8Array, path: JsonPath): { start: number; end: number } | null {
  let at = skipBlanks(bytes, 0)
  for (const step of path) {
    const next = typeof step === "string" ? memberAt(bytes, at, step) : itemAt(bytes, at, step)
    if (next === -1) return null
    at = next
  }
  const end = skipValue(bytes, at, 0)
  return end < 0 ? null : { start: at, end }
}

function memberAt(bytes: Uint8Array, at: number, key: string): number {
  if (bytes[at] !== 0x7b) return -1
  let found = -1
  let here = skipBlanks(bytes, at + 1)
  while (bytes[here] === quote) {
    const keyEnd = skipString(bytes, here)
    if (keyEnd < 0) return -1
    const isIt = isKey(bytes.subarray(here, keyEnd), key)
    here = skipBlanks(bytes, skipBlanks(bytes, keyEnd) + 1)
    if (isIt) found = here
    const end = skipValue(bytes, here, 0)
    if (end < 0) return -1
    here = skipBlanks(bytes, end)
    if (bytes[here] !== 0x2c) break
    here = skipBlanks(bytes, here + 1)
  }
  return found
}

function isKey(quoted: Uint8Array, key: string): boolean {
  try {
    return JSON.parse(new TextDecoder().decode(quoted)) === key
  } catch {
    return false
  }
}

function itemAt(bytes: Uint8Array, at: number, index: number): number {
  if (bytes[at] !== 0x5b) return -1
  let here = skipBlanks(bytes, at + 1)
  for (let left = index; left > 0; left--) {
    const end = skipValue(bytes, here, 0)
    if (end < 0) return -1
    here = skipBlanks(bytes, end)
    if (bytes[here] !== 0x2c) return -1
    here = skipBlanks(bytes, here + 1)
  }
  return bytes[here] === 0x5d ? -1 : here
}

/** A value of a record that is to be another one; a missing member is put in front. */
export interface JsonEdit {
  readonly path: JsonPath
  readonly value: unknown
}

/** The record with these values, every other byte as it was. null when a place is not found. */
export function editJson(bytes: Uint8Array, edits: readonly JsonEdit[]): Uint8Array | null {
  let edited = bytes
  for (const { path, value } of edits) {
    const place = locateValue(edited, path)
    const text = JSON.stringify(value)
    if (place !== null) edited = splice(edited, place.start, place.end, text)
    else {
      const above = locateValue(edited, path.slice(0, -1))
      const key = path.at(-1)
      if (above === null || typeof key !== "string" || edited[above.start] !== 0x7b) return null
      const inside = skipBlanks(edited, above.start + 1)
      const comma = edited[inside] === 0x7d ? "" : ","
      edited = splice(edited, inside, inside, `${JSON.stringify(key)}:${text}${comma}`)
    }
  }
  return edited
}

function splice(bytes: Uint8Array, start: number, end: number, text: string): Uint8Array {
  const middle = new TextEncoder().encode(text)
  const whole = new Uint8Array(bytes.length - (end - start) + middle.length)
  whole.set(bytes.subarray(0, start), 0)
  whole.set(middle, start)
  whole.set(bytes.subarray(end), start + middle.length)
  return whole
}
