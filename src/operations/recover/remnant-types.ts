import type { FoundSession } from "../../domain/session/session.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import type { TranscriptFile } from "../../rescue/repair/file-source.ts"

/** A file that holds records of the session. */
export interface RecordRemnant {
  readonly kind: "export" | "transcript" | "deleted file" | "other session"
  readonly path: string
  readonly file: TranscriptFile
  /** Another session's file: only the records that name this one count. */
  readonly isForeign: boolean
  /** When it was saved, of an export. */
  readonly savedAt?: string
}

/** Words without their record. */
export interface TextRemnant {
  readonly kind: "index" | "history.jsonl"
  readonly role: "user" | "assistant"
  readonly text: string
  readonly time: number | null
}

export interface Remnants {
  readonly records: readonly RecordRemnant[]
  readonly texts: readonly TextRemnant[]
  /** Files of it that are still in its home: subagents, tool results, file history. */
  readonly inPlace: readonly string[]
}

/** Where a lost session may be. */
export interface Where {
  readonly id: SessionId
  readonly home: string
  /** The project folders in which it may be, relative to the home. */
  readonly projects: readonly string[]
  /** What detection found of it. */
  readonly found: readonly FoundSession[]
}
