/** Documents that their client writes whole each time: whether a newer one holds all that an older one did. */

/** undefined when the bytes are no JSON document: one that breaks off holds nothing for certain. */
export function parseDocument(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes))
  } catch {
    return undefined
  }
}

/**
 * Judged by records, which are the objects in its lists: each one of the older must be in the newer, in the same order, and
 * may have gained something. Of the fields beside the lists, numbers and times may change; a document without any list is
 * one record.
 */
export function documentContains(newer: unknown, older: unknown): boolean {
  if (newer === undefined || older === undefined) return false
  try {
    const [top, before] = [fieldsOf(newer), fieldsOf(older)]
    if (top === null || before === null || !Object.values(before).some(Array.isArray))
      return holds(newer, older)
    return Object.entries(before).every(
      ([key, value]) => holds(top[key], value) || (isCount(value) && isCount(top[key])),
    )
  } catch {
    return false // nested too deep to compare
  }
}

function holds(newer: unknown, older: unknown): boolean {
  if (Array.isArray(older)) return Array.isArray(newer) && holdsInOrder(newer, older)
  const [one, other] = [fieldsOf(newer), fieldsOf(older)]
  if (one === null || other === null) return Object.is(newer, older)
  return Object.entries(other).every(([key, value]) => Object.hasOwn(one, key) && holds(one[key], value))
}

function holdsInOrder(newer: readonly unknown[], older: readonly unknown[]): boolean {
  let at = 0
  for (const value of older) {
    while (at < newer.length && !holds(newer[at], value)) at++
    if (at++ >= newer.length) return false
  }
  return true
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : null
}

function isCount(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value))
}
