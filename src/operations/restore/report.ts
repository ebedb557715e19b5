import type { ExportResult, SavedExport } from "../../domain/export/export.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"

export interface RestoredFile {
  /** Relative to the client's home. */
  readonly relative: string
  readonly path: string
  readonly bytes: number
  /**
   * `restored`: it was missing. `replaced`: a different one stood there and was saved first. `equal`: it was there,
   * and left alone. `existing-is-longer`: the one there begins with these bytes and goes on; left alone. `skipped`: it is only
   * tied to the session, and its place is not free.
   */
  readonly outcome: "restored" | "replaced" | "equal" | "existing-is-longer" | "skipped"
  readonly why: string | null
  /** Set when it is not a file, but this number of rows of the database at that path. */
  readonly rows?: number
}

export interface RestoredLink {
  readonly relative: string
  readonly target: string
  readonly outcome: "created" | "exists" | "skipped"
  readonly why: string | null
}

/** With a dry run: what would be. */
export interface RestoreReport {
  readonly saved: SavedExport
  /** The client's home, or the folder named with --to. */
  readonly root: string
  /** The home it was exported from, when that no longer exists and another home takes its place. */
  readonly homeGone: string | null
  /** The folder it is filed under now, where that was asked for. */
  readonly folder: string | null
  readonly files: readonly RestoredFile[]
  readonly links: readonly RestoredLink[]
  /** Exports of what was there before and was replaced. */
  readonly before: readonly ExportResult[]
  /** false: a folder could not be flushed. */
  readonly confirmed: boolean
  /** Other transcripts of it in that home: they were left as they are. */
  readonly elsewhere: readonly string[]
  /** null when it was unpacked elsewhere, or nothing was done. */
  readonly resume: ResumeLine | null
  /** The client would delete it again at one of its next starts, because an equal file was left as old as it is. */
  readonly purgeAt: number | null
}
