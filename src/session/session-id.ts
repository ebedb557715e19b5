declare const brand: unique symbol

/** A session's UUID, lower case. The only form in which an id may touch a path. */
export type SessionId = string & { readonly [brand]: "SessionId" }

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function parseSessionId(value: unknown): SessionId | null {
  return typeof value === "string" && uuid.test(value) ? (value as SessionId) : null
}

const prefixForm = /^[0-9a-f]{4,8}(-[0-9a-f]{0,4}(-[0-9a-f]{0,4}(-[0-9a-f]{0,4}(-[0-9a-f]{0,12})?)?)?)?$/

/** The beginning of an id as a person types it: at least four hex digits, with or without its dashes. */
export function parseIdPrefix(value: string): string | null {
  const lower = value.toLowerCase()
  if (prefixForm.test(lower)) return lower
  return /^[0-9a-f]{9,32}$/.test(lower) ? dashed(lower) : null
}

function dashed(hex: string): string {
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return parts.filter((part) => part !== "").join("-")
}
