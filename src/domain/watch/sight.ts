/** What the watcher knows of a session, and what it does about it: pure rules, without a clock of their own. */
import type { Need } from "../listing/need.ts"
import type { SavedMark } from "../listing/saved-mark.ts"

/**
 * Why the watcher saves a session, or tells its user: the context is nearly full; the client died, or was cut off
 * mid-turn; it hangs; the client deletes it within seven days; it waits for a permission or an answer; it has waited
 * for the next prompt for long. The last two only tell.
 */
export const watchReasons = ["context", "crashed", "hung", "purge", "waiting", "idle"] as const
export type WatchReason = (typeof watchReasons)[number]

/** A session as one look shows it: plain data, from a child of the watcher. */
export interface SessionSight {
  /** Agent, home, and id or transcript: the same in every look. */
  readonly key: string
  readonly agent: string
  readonly id: string | null
  readonly home: string
  /** null when there is none, or its name is not UTF-8. */
  readonly transcript: string | null
  /** Bytes of the transcript. */
  readonly size: number
  /** Name of the folder it works in; no text of the conversation. */
  readonly project: string | null
  readonly client: { readonly pid: number; readonly startMark: string; readonly stopped: boolean } | null
  readonly state: string
  readonly detail: string
  readonly need: Need
  /** Milliseconds since 1970, as every time here. */
  readonly lastActivity: number | null
  /** Since when its client says that it does not work. */
  readonly waitingSince: number | null
  /** Input and output of the last answer. */
  readonly tokens: number | null
  /** In per cent, as the client's status line counts it. */
  readonly percent: number | null
  readonly window: number | null
  /** Tokens at which the client compacts by itself. */
  readonly compactsAt: number | null
  /** When it was compacted last. */
  readonly compactedAt: number | null
  readonly saved: SavedMark["kind"]
  /** When its newest copy was made. */
  readonly savedAt: number | null
  readonly purgeAt: number | null
}

/** What was done about a session for one reason. */
export interface Note {
  /** What it was about: it changes when the reason arises again. */
  readonly mark: string
  /** Of the context: the threshold that was passed, as a share; else 0. */
  readonly level: number
  readonly savedAt: number | null
  /** Size of the transcript when it was saved, or one of the two below. */
  readonly savedSize: number
  readonly toldMark: string | null
  /** Of which its user was told that it could not be saved. */
  readonly failedMark: string | null
  readonly at: number
}

/** In place of a size: saving failed; or it is being saved, unless the watcher was killed. */
export const savingFailed = -1
export const savingNow = -2

export type Notes = Readonly<Partial<Record<WatchReason, Note>>>

export interface WatchSettings {
  /** Shares of what fits into the context before the client compacts it, ascending. */
  readonly at: readonly number[]
  readonly notify: readonly WatchReason[]
  readonly coolDownMs: number
  /** Growth after which a session is saved again for the same reason, in bytes. */
  readonly minGrowth: number
  readonly hungAfterMs: number
  /** A question waits this long before its user is told. */
  readonly waitingAfterMs: number
  readonly idleAfterMs: number
}

export const defaultThresholds: readonly number[] = [0.75, 0.9]
export const defaultNotify: readonly WatchReason[] = ["hung", "crashed", "waiting", "context", "purge"]

/** Parses `75%,90%`; null for other text. Ascending, each once. */
export function parseThresholds(text: string): readonly number[] | null {
  const parts = text.split(",").map((part) => /^\s*(\d{1,2}(?:\.\d+)?)\s*%?\s*$/.exec(part)?.[1])
  const shares = parts.map((part) => (part === undefined ? 0 : Number(part) / 100))
  return shares.every((share) => share > 0 && share < 1)
    ? [...new Set(shares)].toSorted((a, b) => a - b)
    : null
}
