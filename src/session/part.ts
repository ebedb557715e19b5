/** What a conversation consists of, whatever agent wrote it down. */

export const partKinds = [
  "text",
  "thinking",
  "tool_use",
  "tool_result",
  "attachment",
  "summary",
  "compaction",
] as const
export type PartKind = (typeof partKinds)[number]

/** `tool`: what a tool answered. `system`: the client's own words, among them a compaction's summary. */
export const roles = ["user", "assistant", "tool", "system"] as const
export type Role = (typeof roles)[number]

export interface Part {
  readonly kind: PartKind
  readonly role: Role
  /** What a person could read of it; of pictures and the like only what they are. */
  readonly text: string
  /** Of a call and, where the record itself says so, of a result. */
  readonly tool?: string
  /** What a call and its result have in common. */
  readonly call?: string
  /** A shell command; `text` begins with it. */
  readonly command?: string
  /** Files that a call names. */
  readonly files?: readonly string[]
  readonly isError?: boolean
}

/** What one answer of a model cost. Records that share `answer` speak of the same one: the last counts. */
export interface Usage {
  readonly answer: string
  readonly input: number
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
}

export interface RecordParts {
  /** The same wherever the record is met again; null: it has none of its own. */
  readonly id: string | null
  readonly session: string | null
  /** Milliseconds since 1970. */
  readonly time: number | null
  readonly cwd: string | null
  readonly branch: string | null
  readonly model: string | null
  /** The subagent's name; null for the conversation itself. */
  readonly subagent: string | null
  readonly parts: readonly Part[]
  readonly usage: Usage | null
  /** A name for the session: one of a higher rank (from 1) replaces it, and of the same rank a later one. */
  readonly title: { readonly text: string; readonly rank: number } | null
  /** What a person typed, in a line: it stands for the title while there is none, and is asked only then. */
  readonly prompt?: () => string | null
}

/**
 * Reads one parsed line of an agent's transcript; null when no part of a conversation is in it. `document` is the
 * file's name in the session's footprint, "" for the transcript itself. Pure, and never throws on what it is given. In
 * a record of many MB, stand-ins are in the places of long strings: they begin as those do, `lengthOf` tells how long
 * those are, and where one is put into a part's text as it is, all of the string is there in the end.
 */
export type ReadRecord = (record: Readonly<Record<string, unknown>>, document: string) => RecordParts | null
