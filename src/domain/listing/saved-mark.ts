/**
 * The copy of a session. `saved`, `archived`: it holds every byte that the session's files hold now. `outdated`: the
 * session was written to after its newest copy. `empty`: nothing is on disk yet.
 */
export interface SavedMark {
  readonly kind: "saved" | "archived" | "outdated" | "none" | "empty"
  /** When the copy was made: milliseconds since 1970; null without one. */
  readonly at: number | null
}

/** Whether a copy holds the whole session as it is now. */
export function isFullySaved({ kind }: SavedMark): boolean {
  return kind === "saved" || kind === "archived"
}
