import type { DiskPath } from "../../domain/disk-path.ts"
import { isRescueError } from "../../domain/errors.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { silent } from "../../domain/progress.ts"
import type { SessionRows } from "../../domain/rows/rows.ts"
import { flushFile } from "../../system/fs/durable.ts"
import { toReadError } from "../../system/fs/io-errors.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { compareBytes } from "../copy/compare.ts"
import { startChecksums } from "../io/checksums.ts"
import { bufferRing, chunkSizeFor } from "../io/chunk-sizes.ts"
import { digestStream } from "../io/digest.ts"
import { closeSource, detectChange, openSource, type SourceFile } from "../io/source-file.ts"
import type { SavedFile } from "../receipt.ts"
import { digestRows } from "../rows/row-bytes.ts"
import { verifyDecoded } from "./verify-archived.ts"

export interface Reverified {
  readonly md5: string | null
  /** State of the source file that was compared. */
  readonly source: SavedFile
}

/**
 * Compares source and copy byte for byte, and the copy with its manifest. "changed": the source is no longer what was
 * copied; "damaged": the copy is not.
 */
export async function reverify(
  source: DiskPath,
  copy: string,
  file: ManifestFile,
  withMd5: boolean,
  progress: Progress,
): Promise<Reverified | "changed" | "damaged"> {
  await checkpoint(progress)
  const theirs = attempt(() => openSource(source, file.store))
  if (theirs === null) return "changed" // the copy that follows reports the error
  try {
    const ours = attempt(() => openSource(copy))
    if (ours === null) return "damaged"
    try {
      return await compare(theirs, ours, file, withMd5, progress)
    } finally {
      closeSource(ours)
    }
  } finally {
    closeSource(theirs)
  }
}

async function compare(
  theirs: SourceFile,
  ours: SourceFile,
  file: ManifestFile,
  withMd5: boolean,
  progress: Progress,
) {
  // a hard link to the source is not a copy
  const linked = ours.inode === theirs.inode && ours.device === theirs.device // safety: link-is-no-copy
  if (ours.length !== file.length || linked) return "damaged"
  if (theirs.length !== file.length) return "changed"
  const sums = await startChecksums(file.length, withMd5)
  let culprit: "changed" | "damaged" = "damaged"
  const side = ({ fd, path }: SourceFile) => ({
    fd,
    toError(error: unknown) {
      if (fd === theirs.fd) culprit = "changed"
      return toReadError(error, path)
    },
  })
  const quiet = silent(progress.signal)
  try {
    // safety: recheck-fsync
    await flushFile(ours.fd) // a run that was cut off may have published without flushing
    ;(await pageCache()).forget(ours.fd) // safety: recheck-forget
    // safety: recheck-compare
    const same = await compareBytes(side(theirs), side(ours), file.length, progress, sums)
    if (same) {
      const { sha256, md5 } = await sums.finish()
      if (sha256 !== file.sha256) return "damaged" // safety: recheck-sum
      const fate = detectChange(theirs)
      if (fate !== "same" && fate !== "vanished") return "changed" // safety: recheck-fate
      const { path, length, device, inode, changedAt } = theirs
      const source = { source: path, length, device, inode, changedAt }
      return { md5, source }
    }
    // find out which of the two has changed
    const again = new Bun.CryptoHasher("sha256")
    const nextBuffer = bufferRing(1, chunkSizeFor(file.length))
    const sink = { nextBuffer, add: (bytes: Uint8Array) => void again.update(bytes) }
    await compareBytes(side(ours), side(ours), file.length, quiet, sink)
    return again.digest("hex") === file.sha256 ? "changed" : "damaged"
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw error
    return culprit // unreadable: not an error, but not reliable either
  } finally {
    sums.discard()
  }
}

function attempt<T>(act: () => T): T | null {
  try {
    return act()
  } catch {
    return null
  }
}

/**
 * Like `reverify`, for an archived file: it is decoded and compared with the source byte for byte. Any other string
 * is a message: why it cannot be decoded here (its archiver is missing).
 */
export async function reverifyArchived(
  source: DiskPath,
  file: ManifestFile,
  decode: () => AsyncIterable<Uint8Array>,
  withMd5: boolean,
  progress: Progress,
): Promise<Reverified | "changed" | "damaged" | string> {
  await checkpoint(progress)
  let theirs: ReturnType<typeof openSource>
  try {
    theirs = openSource(source, file.store)
  } catch {
    return "changed" // the copy that follows reports the error
  }
  try {
    if (theirs.length !== file.length) return "changed"
    const { same, md5 } = await verifyDecoded(file, decode(), theirs, withMd5, progress)
    const fate = detectChange(theirs)
    if (!same || (fate !== "same" && fate !== "vanished")) return "changed"
    const { path, length, device, inode, changedAt } = theirs
    return { md5, source: { source: path, length, device, inode, changedAt } }
  } catch (error) {
    if (!isRescueError(error) || error.code === "INTERRUPTED") throw error
    if (error.code === "PLUGIN_FAILED") return error.message
    return error.code === "DAMAGED" ? "damaged" : "changed" // else reading the source failed
  } finally {
    closeSource(theirs)
  }
}

/**
 * Like `reverify`, for rows of a database: what would be saved of them now, read twice at one commit, must have the
 * checksum of the manifest, and so must the copy.
 */
export async function reverifyRows(
  source: DiskPath,
  rows: SessionRows,
  file: ManifestFile,
  copy: () => AsyncIterable<Uint8Array>,
  withMd5: boolean,
  progress: Progress,
): Promise<Reverified | "changed" | "damaged" | string> {
  await checkpoint(progress)
  if (digestRows(rows) !== file.sha256) return "changed" // safety: rows-recheck
  try {
    const held = await digestStream(copy(), file.length, withMd5, progress)
    if (held.length !== file.length || held.sha256 !== file.sha256) return "damaged" // safety: rows-recheck-copy
    const { length, sha256 } = held
    const proof = { source, length, device: 0n, inode: 0n, changedAt: 0n, rows: { ...rows, sha256 } }
    return { md5: held.md5, source: proof }
  } catch (error) {
    if (!isRescueError(error) || error.code === "INTERRUPTED") throw error
    return error.code === "PLUGIN_FAILED" ? error.message : "damaged"
  }
}
