import { MiB } from "../../domain/bytes.ts"
import type { Progress } from "../../domain/progress.ts"
import { closeFile, createFile, discard } from "../../system/fs/durable.ts"
import { toWriteError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { startChecksums } from "../io/checksums.ts"
import { toSourceError } from "../io/source-errors.ts"
import { closeSource, detectChange, type SourceFile } from "../io/source-file.ts"
import { compareBytes } from "./compare.ts"
import { type CopyFacts, factsOf, type VerifiedCopy } from "./copy.ts"
import { isHalfWritten } from "./half-written.ts"
import { transfer } from "./transfer.ts"

/** Larger files take a flush of their own: see `copyVerified`. */
export const maxWrittenBytes = 4 * MiB

/**
 * A copy that is written and waits for a flush it shares with others. It proves nothing before `proveCopy`. Source and
 * copy stay open until `closeWritten`.
 */
export interface WrittenCopy {
  readonly source: SourceFile
  readonly target: string
  readonly fd: number
  /** Its checksums are of the bytes that were written. */
  readonly facts: CopyFacts
}

/** Takes over the open source. null when the source is shorter now than when it was opened: nothing is left of it. */
export async function writeCopy(
  source: SourceFile,
  target: string,
  md5: boolean,
  progress: Progress,
): Promise<WrittenCopy | null> {
  let fd: number | null = null
  let whole = false
  try {
    fd = withWriteErrors(target, () => createFile(target))
    const sums = await startChecksums(source.length, md5)
    const add = (bytes: Uint8Array) => sums.add(bytes)
    if (!(await transfer(source, fd, target, progress, async () => {}, add))) return null
    whole = true
    return { source, target, fd, facts: { ...factsOf(source, fd), ...(await sums.finish()) } }
  } finally {
    if (!whole) {
      closeSource(source)
      if (fd !== null) {
        closeFile(fd)
        discard(target)
      }
    }
  }
}

/**
 * Compares a copy that was flushed, read from the disk, with a second read of its source. null when they differ, when
 * the source was replaced or truncated, or when the copy is not what its checksum, and so the manifest, says.
 */
export async function proveCopy(copy: WrittenCopy, progress: Progress): Promise<VerifiedCopy | null> {
  const { source, target, fd, facts } = copy
  ;(await pageCache()).forget(fd) // safety: group-forget
  const sums = await startChecksums(source.length, false)
  const same = await compareBytes(
    { fd: source.fd, toError: (error) => toSourceError(error, source.path) }, // safety: group-second-read
    { fd, toError: (error) => toWriteError(error, target) }, // safety: group-read-back
    source.length,
    progress,
    sums,
  )
  const { sha256 } = await sums.finish()
  if (sha256 !== facts.sha256) return null // safety: group-sum
  const fate = detectChange(source)
  if (fate !== "same" && fate !== "vanished") return null // safety: group-fate
  if (!same || isHalfWritten(source)) return null // safety: group-half-written
  return { ...facts, vanished: fate === "vanished" }
}

export function closeWritten({ source, fd }: WrittenCopy): void {
  closeFile(fd)
  closeSource(source)
}
