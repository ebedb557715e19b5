/** Receipts: in-memory proof that everything a session has on disk is saved, required to end its process. */
import { lstatSync } from "node:fs"
import type { DiskPath } from "../domain/disk-path.ts"
import { samePath, showPath } from "../domain/disk-path.ts"
import type { ExportResult } from "../domain/export/export.ts"
import type { SessionRows } from "../domain/rows/rows.ts"
import { type ProcessIdentity, sameProcess } from "../domain/session/pid.ts"
import { fsPath } from "../system/fs/files.ts"
import { digestRows } from "./rows/row-bytes.ts"

/** A file whose first `length` bytes are saved. */
export interface SavedFile {
  readonly source: DiskPath
  readonly length: number
  readonly device: bigint
  readonly inode: bigint
  /** Its ctime when it was opened, in nanoseconds. */
  readonly changedAt: bigint
  /** Set when it is not a file, but these rows, and the checksum of the file that was made from them. */
  readonly rows?: SessionRows & { readonly sha256: string }
}

declare const brand: unique symbol

/**
 * Proof that everything a session has on disk is saved, issued for one process in this run. Terminating a process
 * requires one, and only `issueReceipt` creates them.
 */
export interface Receipt {
  readonly [brand]: true
  readonly holder: ProcessIdentity
  /** Empty for a live client that has nothing on disk yet. */
  readonly files: readonly SavedFile[]
  /** Files without a copy that the user agreed to lose. */
  readonly givenUp: readonly string[]
}

/** What the saver verified, keyed by the identity of the result object it returned. */
const proofs = new WeakMap<ExportResult, readonly SavedFile[]>()
const issued = new WeakSet<Receipt>()

/** Command output outside the home is still being written while the command runs, and outlives the session. */
export function countsAsProof(tie: string | undefined): boolean {
  return tie !== "output"
}

/** Called only by the saver, once every byte is compared and flushed. */
export function recordProof(result: ExportResult, files: readonly SavedFile[]): ExportResult {
  proofs.set(result, files)
  return result
}

/** The files that a result of this run's saver proves, as they were then; none when it is unconfirmed. */
export function provenFiles(result: ExportResult): readonly SavedFile[] {
  return result.status === "unconfirmed" ? [] : (proofs.get(result) ?? [])
}

/**
 * A receipt for a process whose every transcript was saved by these results; null when one of them is not a
 * result of this run's saver, is unconfirmed, or lacks files that nobody gave up. No results at all means a client
 * with nothing on disk: `footprint` must then be empty too.
 */
export function issueReceipt(
  holder: ProcessIdentity,
  results: readonly ExportResult[],
  footprint: readonly DiskPath[],
  givenUp: readonly string[] = [],
): Receipt | null {
  const saved = results.filter((result) => result.status !== "empty")
  // safety: receipt-unconfirmed
  const files = saved.map((result) => (result.status === "unconfirmed" ? undefined : proofs.get(result)))
  if (files.some((each) => each === undefined)) return null // safety: receipt-proved
  const missing = saved.flatMap((result) => result.missing ?? [])
  if (!missing.every(({ path }) => givenUp.includes(path))) return null // safety: receipt-incomplete
  const receipt = { holder, files: files.flatMap((each) => each ?? []), givenUp } as unknown as Receipt
  if (!coversAll(receipt, footprint)) return null // safety: receipt-whole
  issued.add(receipt)
  return receipt
}

/** Why a receipt does not allow ending this process now; null when it does. */
export function reasonNotCovered(
  receipt: Receipt,
  holder: ProcessIdentity,
  footprint: readonly DiskPath[],
): string | null {
  if (!issued.has(receipt)) return "the receipt was not issued by this run" // safety: receipt-issued
  if (!sameProcess(receipt.holder, holder)) return "the receipt is for another process" // safety: receipt-holder
  // safety: receipt-new-files
  if (!coversAll(receipt, footprint)) return "new files have appeared since the export"
  const grown = receipt.files.find((file) => !isAsSaved(file))
  return grown === undefined ? null : "it has written since the export" // safety: receipt-grown
}

function coversAll(receipt: Receipt, footprint: readonly DiskPath[]): boolean {
  const isSaved = (path: DiskPath) => receipt.files.some((file) => samePath(file.source, path))
  return footprint.every((path) => isSaved(path) || receipt.givenUp.includes(showPath(path)))
}

/** Whether the file is unchanged; a deleted file counts as unchanged, as nothing of it can be lost. */
function isAsSaved(file: SavedFile): boolean {
  if (file.rows !== undefined) return digestRows(file.rows) === file.rows.sha256 // safety: receipt-rows
  const now = statOf(file.source)
  if (now === undefined) return true
  const sameFile = now.dev === file.device && now.ino === file.inode // safety: receipt-same-file
  // safety: receipt-rewritten
  return sameFile && Number(now.size) === file.length && now.ctimeNs === file.changedAt
}

function statOf(path: DiskPath) {
  return lstatSync(fsPath(path), { bigint: true, throwIfNoEntry: false })
}
