/** What a conversation consists of, whatever agent wrote it down. */

export const partKinds = [
  "text",
  "thinking",
  "tool_use",
  "tool_result",
  "attachment",
  "summary",
  "compaction",
  "title",
  "prompt",
] as const
/**
 * `title`: a name somebody gave the session. `prompt`: what a person typed, as far as it is known from elsewhere than the
 * conversation itself.
 */
export type PartKind = (typeof partKinds)[number]

/**
 * Who speaks. `user`: a person, also by what was attached. `assistant`: the model. `tool`: what a tool answered or a hook
 * printed. `system`: the client's own words, which nobody said: they are found and shown only where that is asked for.
 */
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
  /**
   * Of a call: it runs this program, so that what it prints was said before, elsewhere. Of a result: it was printed by this
   * program. Such a result is found only where that is asked for.
   */
  readonly bySessionRescue?: true
  /** Of a prompt that has not reached the conversation: a later one of the same text stands for it. */
  readonly queued?: true
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
  /** The name of a record: what is said here is said of the session that holds that one, if any does. */
  readonly about?: string
  /** Its type, where this program does not know it: what it says counts as the client's own. */
  readonly unknown?: string
  /** What a person typed, in a line: it stands for the title while there is none, and is asked only then. */
  readonly prompt?: () => string | null
}

/**
 * Reads one parsed line of an agent's transcript; null when no part of a conversation is in it. `document` is the
 * file's name in the session's footprint, "" for the transcript itself. Pure, and never throws on what it is given. In
 * a record of many MB, stand-ins are in the places of long strings: they begin as those do, `fullLength` tells how long
 * those are, and where one is put into a part's text as it is, all of the string is there in the end.
 */
export type ReadRecord = (record: Readonly<Record<string, unknown>>, document: string) => RecordParts | null
