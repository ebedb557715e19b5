/** Where a record may begin: an object's first key, as serialisers that waste no blanks write it. */
export function beginning(line: Buffer, from: number, to: number): number {
  const at = line.subarray(from, to).indexOf('{"') // of what lies behind a run, another run is looked through
  return at === -1 ? -1 : from + at
}

/** Behind a record comes nothing or another one; behind an object inside a record that broke off, more of that. */
export function standsAlone(line: Buffer, end: number, to: number): boolean {
  let at = end
  while (at < to && (line[at] === 0x20 || line[at] === 0x0d || line[at] === 0x09)) at++
  return at >= to || line[at] === 0x7b
}

/** The byte behind the brace that closes the object, strings heeded; -1 when it does not close. */
export function objectEnd(line: Buffer, start: number, to: number): number {
  let depth = 0
  let quoted = false
  for (let at = start; at < to; at++) {
    const byte = line[at]
    if (quoted) {
      if (byte === 0x5c) at++
      else if (byte === 0x22) quoted = false
    } else if (byte === 0x22) quoted = true
    else if (byte === 0x7b) depth++
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
