declare const brand: unique symbol

/**
 * A session's UUID as spelled in its file names: a client started with an upper-case id writes upper-case
 * files, and only that spelling resumes it (2.1.332: observed). The only form in which an id may be used in a
 * path.
 */
export type SessionId = string & { readonly [brand]: "SessionId" }

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const uuidAnywhere = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

export function parseSessionId(value: unknown): SessionId | null {
  return typeof value === "string" && uuid.test(value) ? (value as SessionId) : null
}

/** The first id in a text; null when there is none. */
export function sessionIdIn(text: string): SessionId | null {
  return text.length < 36 ? null : ((uuidAnywhere.exec(text)?.[0] ?? null) as SessionId | null)
}

/** Whether an id starts with the result of `parseIdPrefix`, ignoring case. */
export function hasIdPrefix(id: string | null | undefined, prefix: string): boolean {
  return id?.toLowerCase().startsWith(prefix) === true
}

/**
 * The beginning of an id that tells it from others, for display: eight characters. UUIDs of version 7 begin with the time,
 * and have the first eight in common for a minute: five more. Shorter text is returned unchanged.
 */
export function shortId(id: string): string
export function shortId(id: string | null | undefined): string | undefined
export function shortId(id: string | null | undefined): string | undefined {
  return id?.slice(0, timed.test(id) ? 13 : 8)
}

const timed = /^[0-9a-f]{8}-[0-9a-f]{4}-7/i

const prefixForm = /^[0-9a-f]{4,8}(-[0-9a-f]{0,4}(-[0-9a-f]{0,4}(-[0-9a-f]{0,4}(-[0-9a-f]{0,12})?)?)?)?$/

/** Parses an id prefix as typed: at least four hex digits, with or without dashes. */
export function parseIdPrefix(value: string): string | null {
  const lower = value.toLowerCase()
  if (prefixForm.test(lower)) return lower
  return /^[0-9a-f]{9,32}$/.test(lower) ? dashed(lower) : null
}

function dashed(hex: string): string {
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return parts.filter((part) => part !== "").join("-")
}
