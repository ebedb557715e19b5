import type { LineBytes } from "./line-bytes.ts"

const brace = 0x7b
const quote = 0x22

/** Where a record may start: at a brace followed by a quote, as serializers without white space write it. */
export function findRecordStart(line: LineBytes, from: number, to: number): number {
  for (let at = line.indexOf(brace, from, to); at !== -1; at = line.indexOf(brace, at + 1, to)) {
    if (at + 1 < to && line.at(at + 1) === quote) return at
  }
  return -1
}

/**
 * Whether a record ends here: after a record there is nothing or another record; after an object inside a truncated
 * record there is more of that record.
 */
export function endsRecord(line: LineBytes, end: number, to: number): boolean {
  let at = end
  while (at < to && (line.at(at) === 0x20 || line.at(at) === 0x0d || line.at(at) === 0x09)) at++
  return at >= to || line.at(at) === brace
}

/** Offset after the closing brace of the object, ignoring braces in strings; -1 when it is not closed. */
export function objectEnd(line: LineBytes, start: number, to: number): number {
  let depth = 0
  let quoted = false
  for (let at = start; at < to; at++) {
    const byte = line.at(at)
    if (quoted) {
      if (byte === 0x5c) at++
      else if (byte === quote) quoted = false
    } else if (byte === quote) quoted = true
    else if (byte === brace) depth++
    else if (byte === 0x7d && --depth === 0) return at + 1
  }
  return -1
}

export function parseObject(
  bytes: Buffer,
  from: number,
  to: number,
): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(bytes.toString("utf8", from, to))
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : null
  } catch {
    return null
  }
}
