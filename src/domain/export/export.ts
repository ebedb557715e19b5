import type { DiskPath } from "../disk-path.ts"
import type { Tie } from "../session/session.ts"
import type { SessionId } from "../session/session-id.ts"
import type { ArchiveRecord } from "./archive-record.ts"
import type { Manifest, ManifestFile, SessionRecord } from "./manifest.ts"

/** What an exporter asks to be saved, byte for byte. */
export interface SavePlan {
  readonly id: SessionId
  /** What the manifest shall say of the session. */
  readonly session: SessionRecord
  /** null when only other parts of the footprint are left. */
  readonly transcript: DiskPath | null
  readonly files: readonly { readonly source: DiskPath; readonly relative: DiskPath; readonly tie?: Tie }[]
  readonly links: readonly { readonly source: DiskPath; readonly relative: DiskPath }[]
  /** FIFOs, sockets, devices, and what is left out on purpose: named in the manifest, never opened. */
  readonly others: readonly {
    readonly source: DiskPath
    readonly relative: DiskPath
    readonly why?: string | undefined
  }[]
  /** Folders and files that may be of the session and could not be looked into: the export is not all of it. */
  readonly unread?: readonly Unread[]
}

export interface Unread {
  readonly source: DiskPath
  readonly relative: DiskPath
  readonly why: string
}

export interface ExportResult {
  readonly id: SessionId | null
  /**
   * `verified`: a new copy, compared byte for byte after it was flushed. `unchanged`: an earlier one holds the
   * same bytes, compared again now. `incomplete`: either of them, without the files that are `missing`.
   * `unconfirmed`: published, but the folder could not be flushed. `empty`: a live client that has nothing on disk yet.
   */
  readonly status: "verified" | "unchanged" | "incomplete" | "unconfirmed" | "empty"
  readonly path: string | null
  readonly manifest: string | null
  /** Bytes and number of all files of the export. */
  readonly bytes: number
  readonly files: number
  /** Of the transcript. */
  readonly sha256: string | null
  readonly md5: string | null
  /** What is the session's and could not be read, so that no copy of it is there; left out where nothing is. */
  readonly missing?: readonly Missing[]
}

export interface Missing {
  readonly path: string
  readonly why: string
}

/** Whether all of the session lies there as it was, and will after a power cut. */
export function isWhole({ status }: ExportResult): boolean {
  return status !== "unconfirmed" && status !== "incomplete"
}

/** Whether something of the session has no copy. */
export function lacksFiles({ missing }: ExportResult): boolean {
  return missing !== undefined && missing.length > 0
}

/** An export on disk: its manifest read, its bytes not yet looked at. */
export interface SavedExport {
  readonly place: "pending" | "archived"
  /** Its name without any ending. */
  readonly name: string
  /** The `.jsonl`; for one an archiver made, the file that stands for it. */
  readonly path: string
  readonly manifestPath: string
  readonly manifest: Manifest
  /** What an archiver made of it; null: the export's own files lie there as they were made. */
  readonly archive: ArchiveRecord | null
}

/** Reads back one file of an export, raw or archived, from byte `from` on, without proving it. */
export type ReadStored = (saved: SavedExport, file: ManifestFile, from?: number) => AsyncIterable<Uint8Array>

/**
 * What post-process and archive plugins are told of an export: plain data, so that it can be handed to another
 * process. `manifest` is null for a `.jsonl` that somebody copied there by hand.
 */
export interface Exported {
  readonly name: string
  readonly path: string
  readonly manifestPath: string | null
  readonly manifest: Manifest | null
  /** The export's files as they lie on disk, transcript first; absolute paths. */
  readonly files: readonly {
    readonly role: "transcript" | "footprint"
    readonly path: string
    readonly length: number
    /** null where there is no manifest to say so. */
    readonly sha256: string | null
  }[]
}

/** `2026-01-31T23-59-58Z-<id>-LOSSLESS-session`: an export's name, without any ending. */
export function exportName(id: SessionId, at: Date): string {
  return `${at.toISOString().slice(0, 19).replaceAll(":", "-")}Z-${id}-LOSSLESS-session`
}

const nameForm = /^(\d{4}-\d\d-\d\dT\d\d-\d\d-\d\dZ)-([0-9a-fA-F-]{36})-LOSSLESS-session$/

export function parseExportName(name: string): { timestamp: string; id: string } | null {
  const match = nameForm.exec(name)
  return match === null ? null : { timestamp: match[1] ?? "", id: match[2] ?? "" }
}
