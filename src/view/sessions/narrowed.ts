import { count } from "../terminal/format.ts"
import { sanitize } from "../terminal/sanitize.ts"

/** What became of the sessions that were found, for lists that can be narrowed. */
export interface NarrowedView {
  /** The narrowing flags as typed; empty when there were none. */
  readonly typed: string
  /** The limit that was typed. */
  readonly limit: number | null
  /** Number of sessions that were found, or of exports. */
  readonly found: number
  /** Sessions that match and are not listed, because of the limit. */
  readonly leftOff: number
}

/** `2 older sessions matching --project shop`. */
export function countLeftOff({ leftOff, typed }: NarrowedView, what = "older session"): string {
  return count(leftOff, what) + (typed === "" ? "" : ` matching ${sanitize(typed)}`)
}

/** Lines for a narrowing that leaves nothing: what was asked for among how many, and what finds more. */
export function describeNoMatch(
  { typed, found }: NarrowedView,
  all = { what: "session", list: "session-rescue --status --all" },
): readonly [summary: string, next: string] {
  return [
    `None of the ${count(found, all.what)} found matches ${sanitize(typed)}.`,
    `Next: ${widening(typed)}list them all: ${all.list}`,
  ]
}

function widening(typed: string): string {
  const flags = typed.match(/(?<=^| )--[a-z]+/g) ?? []
  return flags.length > 1 ? `omit one of ${flags.join(", ")}, or ` : ""
}
