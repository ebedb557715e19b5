/** Reading the fields of parsed records, whatever is in them. */

export type Fields = Readonly<Record<string, unknown>>

/** An object's fields; none for anything else. */
export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : {}
}

/** A text that is not empty; null for anything else. */
export function textIn(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null
}

export function numberIn(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null
}

/** Milliseconds since 1970, from an ISO 8601 text or from milliseconds. */
export function timeIn(value: unknown): number | null {
  const time = typeof value === "string" ? Date.parse(value) : value
  return numberIn(time)
}

/** The beginning of a text as one line, at most `length` characters; null when nothing is left. */
export function lineIn(value: unknown, length = 200): string | null {
  if (typeof value !== "string") return null
  const line = value
    .slice(0, 4 * length)
    .replace(/\s+/g, " ")
    .trim()
  return line === "" ? null : [...line].slice(0, length).join("")
}
