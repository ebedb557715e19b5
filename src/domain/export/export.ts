/** Exports of sessions: what is to be saved, the result, and the export on disk with its manifest. */
import type { DiskPath } from "../disk-path.ts"
import type { SessionRows } from "../rows/rows.ts"
import type { FileStore, Tie } from "../session/session.ts"
import { idForm, parseSessionId, type SessionId, uuidIn } from "../session/session-id.ts"
import type { ArchiveRecord } from "./archive-record.ts"
import type { Derivation, Manifest, ManifestFile, SessionRecord } from "./manifest.ts"

/** What an exporter asks to have saved, byte for byte. */
export interface SavePlan {
  readonly id: SessionId
  /** Written to the manifest's `session`. */
  readonly session: SessionRecord
  /** null when only other parts of the footprint exist. */
  readonly transcript: DiskPath | null
  /** Set when the transcript is not a file, but these rows. */
  readonly rows?: SessionRows
  readonly transcriptStore?: FileStore
  readonly files: readonly {
    readonly source: DiskPath
    readonly relative: DiskPath
    readonly tie?: Tie
    readonly store?: FileStore
  }[]
  readonly links: readonly { readonly source: DiskPath; readonly relative: DiskPath }[]
  /** FIFOs, sockets, devices and deliberately skipped files: named in the manifest, never opened. */
  readonly others: readonly {
    readonly source: DiskPath
    readonly relative: DiskPath
    readonly why?: string | undefined
  }[]
  /** Folders and files that may belong to the session but could not be read: the export is incomplete. */
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
   * `verified`: a new copy, compared byte for byte after it was flushed. `unchanged`: an earlier export holds the
   * same bytes, just compared again, or as is `recorded`. `incomplete`: either of these, without the files in `missing`.
   * `unconfirmed`: published, but the folder could not be flushed. `empty`: a live client with nothing on disk yet.
   */
  readonly status: "verified" | "unchanged" | "incomplete" | "unconfirmed" | "empty"
  readonly path: string | null
  readonly manifest: string | null
  /** Total size and number of the files in the export. */
  readonly bytes: number
  readonly files: number
  /** Checksums of the transcript. */
  readonly sha256: string | null
  readonly md5: string | null
  /** Set when nothing was read: since when its files are unchanged, and when source and copy were compared. */
  readonly recorded?: { readonly unchangedSince: string; readonly verifiedAt: string }
  /** Files of the session that could not be read, so they have no copy; absent when there are none. */
  readonly missing?: readonly Missing[]
}

export interface Missing {
  readonly path: string
  readonly why: string
}

/** Whether the export holds the complete session and survives a power cut. */
export function isWhole({ status }: ExportResult): boolean {
  return status !== "unconfirmed" && status !== "incomplete"
}

/** Whether a part of the session has no copy. */
export function lacksFiles({ missing }: ExportResult): boolean {
  return missing !== undefined && missing.length > 0
}

/** The folders in which they are, each once: an unchanged one may be in the archive. */
export function foldersOf(results: readonly ExportResult[]): readonly string[] {
  return [...new Set(results.flatMap(({ path }) => path?.replace(/\/[^/]*$/, "") ?? []))]
}

/** An export on disk whose manifest was read; its other files were not checked. */
export interface SavedExport {
  readonly place: "pending" | "archived"
  /** The name without any ending. */
  readonly name: string
  /** The `.jsonl`; for an export with an archive record, the first file its archiver made. */
  readonly path: string
  readonly manifestPath: string
  readonly manifest: Manifest
  /** The archive record; null when the export's own files are stored unarchived. */
  readonly archive: ArchiveRecord | null
}

/** Reads one file of an export, raw or archived, from byte `from` on, without verifying it. */
export type ReadStored = (saved: SavedExport, file: ManifestFile, from?: number) => AsyncIterable<Uint8Array>

/**
 * What post-process and archive plugins receive about an export: plain data, so that it can be passed to another
 * process. `manifest` is null for a `.jsonl` that was copied there manually.
 */
export interface Exported {
  readonly name: string
  readonly path: string
  readonly manifestPath: string | null
  readonly manifest: Manifest | null
  /** The export's files on disk, transcript first; absolute paths. */
  readonly files: readonly {
    readonly role: "transcript" | "footprint"
    readonly path: string
    readonly length: number
    /** null when there is no manifest. */
    readonly sha256: string | null
  }[]
}

/** What the name of an export says of it: a copy byte for byte, or what it is instead. */
const kindWords = {
  ...{ copied: "LOSSLESS", repaired: "REPAIRED", recovered: "PARTIAL", shortened: "SHORTENED" },
  redacted: "REDACTED",
} as const satisfies Record<"copied" | Derivation["kind"], string>

/** Where the name of an export ends. Before there were others, each was said to be a copy: such names are read as well. */
export const nameEnd = `-(?:${Object.values(kindWords).join("|")})-session`

/** An export's name without any ending: `2026-01-31T23-59-58Z-<id>-LOSSLESS-session`. */
export function exportName(id: SessionId, at: Date, kind: keyof typeof kindWords = "copied"): string {
  return `${at.toISOString().slice(0, 19).replaceAll(":", "-")}Z-${id}-${kindWords[kind]}-session`
}

const nameForm = new RegExp(`^(\\d{4}-\\d\\d-\\d\\dT\\d\\d-\\d\\d-\\d\\dZ)-(${idForm})${nameEnd}$`)

/** The id in the name of an export, or of a file that lies among them and is named after a session; null for others. */
export function idInName(name: string): SessionId | null {
  return parseSessionId(parseExportName(name)?.id) ?? uuidIn(name)
}

export function parseExportName(name: string): { timestamp: string; id: string } | null {
  const match = nameForm.exec(name)
  return match === null ? null : { timestamp: match[1] ?? "", id: match[2] ?? "" }
}
