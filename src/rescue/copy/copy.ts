import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { Progress } from "../../domain/progress.ts"
import { closeFile, createFile, discard, flushFile } from "../../system/fs/durable.ts"
import { toWriteError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { cloneInto } from "../../system/native/clone.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { type Digests, startChecksums } from "../io/checksums.ts"
import { toSourceError } from "../io/source-errors.ts"
import { closeSource, detectChange, openSource, type SourceFile } from "../io/source-file.ts"
import { compareBytes } from "./compare.ts"
import { startCursors } from "./copy-cursors.ts"
import { transfer } from "./transfer.ts"

/** What was proved about one file: the copy holds exactly its first `length` bytes. */
export interface VerifiedCopy extends Digests {
  readonly length: number
  readonly device: bigint
  readonly inode: bigint
  readonly modifiedAt: Date
  readonly changedAt: bigint
  /** The source's name was gone when the copy was finished; the copy is whole all the same. */
  readonly vanished: boolean
}

const maxAttempts = 4

/**
 * Copies a file as it is at this moment: bounded to the length it has when opened, flushed, and then compared
 * with a second, fresh read of the source; the beginning of a large one already while its rest is being written.
 * A source that shrinks, is replaced or rewritten meanwhile is copied again, and reported when that does not help.
 * `target` must not exist; it exists only if this succeeds.
 */
export async function copyVerified(
  path: DiskPath,
  target: string,
  md5: boolean,
  progress: Progress,
): Promise<VerifiedCopy> {
  let changed = ""
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const source = openSource(path)
    try {
      const result = await copyOnce(source, target, md5, progress)
      if (typeof result !== "string") return result
      changed = result
    } finally {
      closeSource(source)
    }
  }
  const hint = "something rewrites it: look at session-rescue --status, then try again"
  const tried = `(${maxAttempts} attempts)`
  if (changed === "differs")
    throw new RescueError("COPY_MISMATCH", `${showPath(path)} and its copy never agreed ${tried}`, hint)
  const message = `${showPath(path)} was ${changed} each time it was copied ${tried}`
  throw toSourceError(new RescueError("SOURCE_CHANGED", message, hint), path)
}

async function copyOnce(
  source: SourceFile,
  target: string,
  md5: boolean,
  progress: Progress,
): Promise<VerifiedCopy | "shrunk" | "replaced" | "differs"> {
  const fd = withWriteErrors(target, () => createFile(target))
  const sums = await startChecksums(source.length, md5)
  const trail = startCursors()
  let comparing: Promise<boolean> | undefined
  /** Of what is on the disk, up to `end`. */
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
    const differs = compare(end).catch(() => {}) // heard when all is written
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
    if (fate === "shrunk" || fate === "replaced") return fate // safety: source-fate
    if (!same) return "differs" // safety: compare
    whole = true
    const { length, device, inode, modifiedAt, changedAt } = source
    return { ...digests, length, device, inode, modifiedAt, changedAt, vanished: fate === "vanished" }
  } finally {
    trail.abort()
    await comparing?.catch(() => {}) // it reads what is closed now
    sums.discard()
    closeFile(fd)
    if (!whole) discard(target) // safety: half-copy
  }
}
