declare const brand: unique symbol

/**
 * A session's id as its agent spells it in its own files: a UUID for most, `ses_…` for others. Letters, digits, `_` and `-`
 * only, so that it is a safe part of a path. The spelling stays: a Claude Code client started with an upper-case id
 * writes upper-case files, and only that spelling resumes it (2.1.332: observed). The only form in which an id may be
 * used in a path.
 */
export type SessionId = string & { readonly [brand]: "SessionId" }

/** The form of an id inside a pattern: 4 to 96 letters, digits, `_` and `-`, the first of them a letter or a digit. */
export const idForm = "[A-Za-z0-9][A-Za-z0-9_-]{3,95}"

const safe = new RegExp(`^${idForm}$`)
const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const uuidAnywhere = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i

/** An id of any agent; null for anything else. */
export function parseSessionId(value: unknown): SessionId | null {
  return typeof value === "string" && safe.test(value) ? (value as SessionId) : null
}

/** The id of an agent that names its sessions by UUIDs; null for anything else. */
export function parseUuid(value: unknown): SessionId | null {
  return typeof value === "string" && uuid.test(value) ? (value as SessionId) : null
}

/** The first UUID in a text; null when there is none. */
export function uuidIn(text: string): SessionId | null {
  return text.length < 36 ? null : ((uuidAnywhere.exec(text)?.[0] ?? null) as SessionId | null)
}

/** Whether an id starts with the result of `parseIdPrefix`, ignoring case. */
export function hasIdPrefix(id: string | null | undefined, prefix: string): boolean {
  return id?.toLowerCase().startsWith(prefix) === true
}

/**
 * The beginning of an id that tells it from others, for display: eight characters of a UUID. UUIDs of version 7 begin with
 * the time, and have the first eight in common for a minute: five more. A word before (`session_…`, `ses_…`) stays whole;
 * what follows it and is no UUID begins with the time too: twelve characters. Shorter text is returned unchanged.
 */
export function shortId(id: string): string
export function shortId(id: string | null | undefined): string | undefined
export function shortId(id: string | null | undefined): string | undefined {
  if (id == null) return undefined
  const word = /^[A-Za-z0-9]+_/.exec(id)?.[0] ?? ""
  const own = id.slice(word.length)
  return word + own.slice(0, timed.test(own) ? 13 : word === "" || uuid.test(own) ? 8 : 12)
}

const timed = /^[0-9a-f]{8}-[0-9a-f]{4}-7/i

const prefixForm = /^[0-9a-f]{4,8}(-[0-9a-f]{0,4}(-[0-9a-f]{0,4}(-[0-9a-f]{0,4}(-[0-9a-f]{0,12})?)?)?)?$/

/**
 * Parses the beginning of an id as typed, in lower case: at least four hex digits of a UUID, with or without dashes; of other
 * ids at least four characters, one of them a digit, `_` or `-`, so that a plain word is not one.
 */
export function parseIdPrefix(value: string): string | null {
  const lower = value.toLowerCase()
  if (prefixForm.test(lower)) return lower
  if (/^[0-9a-f]{9,32}$/.test(lower)) return dashed(lower)
  return safe.test(lower) && /[0-9_-]/.test(lower) ? lower : null
}

/** Whether what was typed can be the beginning of a UUID: hardly a title. */
export function isUuidPrefix(value: string): boolean {
  return prefixForm.test(value.toLowerCase()) || /^[0-9a-f]{9,32}$/i.test(value)
}

function dashed(hex: string): string {
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)]
  return parts.filter((part) => part !== "").join("-")
}
