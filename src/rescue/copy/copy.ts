/** Copying a file that may be in use, and proving the copy against the source. */
import { fstatSync } from "node:fs"
import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { Progress } from "../../domain/progress.ts"
import type { FileStore } from "../../domain/session/session.ts"
import { closeFile, createFile, discard, flushFile } from "../../system/fs/durable.ts"
import { toWriteError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { cloneInto } from "../../system/native/clone.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { type Digests, startChecksums } from "../io/checksums.ts"
import { toSourceError } from "../io/source-errors.ts"
import { closeSource, detectChange, openSource, type SourceFile } from "../io/source-file.ts"
import { compareBytes } from "./compare.ts"
import { startCursors } from "./copy-cursors.ts"
import { isHalfWritten } from "./half-written.ts"
import { transfer } from "./transfer.ts"

/** A source file as it was when it was opened, and the checksums of its first `length` bytes. */
export interface CopyFacts extends Digests {
  readonly length: number
  readonly device: bigint
  readonly inode: bigint
  readonly modifiedAt: Date
  readonly changedAt: bigint
  readonly isSettled: boolean
  /** Inode of the copy. */
  readonly copyInode: bigint
}

/** What was verified about one file: the copy holds exactly its first `length` bytes. */
export interface VerifiedCopy extends CopyFacts {
  /** The source was unlinked before the copy was finished; the copy is complete nevertheless. */
  readonly vanished: boolean
}

const maxAttempts = 4
/** A file that is written whole is read while it is being written more often, and is complete again after a moment. */
const rewritten = { attempts: 12, pauseMs: 100 }

/**
 * Copies a file as it is now: limited to the length it had when opened, flushed, and then compared with a second
 * read of the source. For a large file, comparing starts while the rest is still being written. A source that is
 * truncated, replaced or rewritten during the copy is copied again; an error is thrown if that does not help. One whose
 * client writes it whole is read until two whole reads agree and nothing was written from the first to the second.
 * `target` must not exist; it exists only if this succeeds.
 */
export async function copyVerified(
  path: DiskPath,
  target: string,
  md5: boolean,
  progress: Progress,
  store: FileStore | null = null,
): Promise<VerifiedCopy> {
  let changed = ""
  const attempts = store === null ? maxAttempts : rewritten.attempts
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const source = openSource(path, store)
    try {
      const result = await copyOnce(source, target, md5, progress)
      // one that is no document after all these looks is damaged, and saved as it is
      if (typeof result !== "string" && (attempt === attempts || !isHalfWritten(source))) return result // safety: half-written
      changed = typeof result === "string" ? result : "half written"
    } finally {
      closeSource(source)
    }
    if (changed === "half written") discard(target)
    if (store === null || attempt === attempts) continue
    await Bun.sleep(rewritten.pauseMs)
    await checkpoint(progress)
  }
  const hint = "something rewrites it: look at session-rescue --status, then try again"
  const tried = `(${attempts} attempts)`
  if (changed === "differs")
    throw new RescueError("COPY_MISMATCH", `${showPath(path)} and its copy never matched ${tried}`, hint)
  const message = `${showPath(path)} was ${changed} each time it was copied ${tried}`
  throw toSourceError(new RescueError("SOURCE_CHANGED", message, hint), path)
}

async function copyOnce(
  source: SourceFile,
  target: string,
  md5: boolean,
  progress: Progress,
): Promise<VerifiedCopy | "shrunk" | "rewritten" | "replaced" | "differs"> {
  const fd = withWriteErrors(target, () => createFile(target))
  const sums = await startChecksums(source.length, md5)
  const trail = startCursors()
  let comparing: Promise<boolean> | undefined
  /** Compares the bytes up to `end`, which are on the disk. */
  const compare = (end: number): Promise<boolean> => {
    trail.flushed(end)
    comparing ??= compareBytes(
      { fd: source.fd, toError: (error) => toSourceError(error, source.path) }, // safety: second-read
      { fd, toError: (error) => toWriteError(error, target) }, // safety: copy-read-back
      source.length,
      progress,
      sums,
      trail,
    )
    return comparing
  }
  const follow = async (end: number) => {
    const differs = compare(end).catch(() => {}) // rejection is handled after the write completes
    await Promise.race([trail.untilCompared(end), differs])
  }
  let whole = false
  try {
    const cloned = await cloneInto(fd, source.fd, source.length).catch((error) => {
      throw toWriteError(error, target)
    })
    if (!cloned && !(await transfer(source, fd, target, progress, follow))) return "shrunk"
    // safety: copy-fsync
    await flushFile(fd).catch((error) => {
      throw toWriteError(error, target)
    })
    ;(await pageCache()).forget(fd) // safety: copy-forget
    const same = await compare(source.length)
    const digests = await sums.finish()
    const fate = detectChange(source)
    if (fate !== "same" && fate !== "vanished") return fate // safety: source-fate
    if (!same) return "differs" // safety: compare
    whole = true
    return { ...factsOf(source, fd), ...digests, vanished: fate === "vanished" }
  } finally {
    trail.abort()
    await comparing?.catch(() => {}) // it reads from the files that are closed below
    sums.discard()
    closeFile(fd)
    if (!whole) discard(target) // safety: half-copy
  }
}

/** `fd`: the copy. */
export function factsOf(source: SourceFile, fd: number): Omit<CopyFacts, keyof Digests> {
  const { length, device, inode, modifiedAt, changedAt, isSettled } = source
  const copyInode = fstatSync(fd, { bigint: true }).ino
  return { length, device, inode, modifiedAt, changedAt, isSettled, copyInode }
}
