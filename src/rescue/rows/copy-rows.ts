/** Saving rows: writes them to a file, and proves the file against a second reader of the same commit. */
import { fstatSync, lstatSync } from "node:fs"
import { RescueError } from "../../domain/errors.ts"
import type { Progress } from "../../domain/progress.ts"
import type { SessionRows } from "../../domain/rows/rows.ts"
import { closeFile, createFile, discard, flushFile, writeAll } from "../../system/fs/durable.ts"
import { toWriteError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { SnapshotPair } from "../../system/sqlite/snapshot.ts"
import type { VerifiedCopy } from "../copy/copy.ts"
import { toSourceError } from "../io/source-errors.ts"
import { openRows, rowBytes, toRowsError } from "./row-bytes.ts"

/** A file that holds a session's rows, as they were at one commit. */
export interface RowsCopy extends VerifiedCopy {
  readonly tables: Readonly<Record<string, number>>
}

const maxAttempts = 4

/**
 * Writes the rows of one commit to a new file, flushes it, reads it back and compares it with a second reader's view of
 * that commit. A database that was read without locks and written in the meantime is read again. `target` exists only if this
 * succeeds.
 */
export async function copyRows(
  rows: SessionRows,
  target: string,
  md5: boolean,
  progress: Progress,
): Promise<RowsCopy> {
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    const pair = openRows(rows)
    try {
      const copy = await copyOnce(rows, pair, target, md5, progress)
      if (copy !== null) return copy
    } finally {
      pair.close()
    }
  }
  const message = `${rows.database} changed each time ${rows.key} was read from it (${maxAttempts} attempts)`
  const hint = "something rewrites it: look at session-rescue --status, then try again"
  throw toSourceError(new RescueError("SOURCE_CHANGED", message, hint), rows.database)
}

async function copyOnce(
  rows: SessionRows,
  pair: SnapshotPair,
  target: string,
  md5: boolean,
  progress: Progress,
): Promise<RowsCopy | null> {
  const fd = withWriteErrors(target, () => createFile(target))
  let whole = false
  try {
    const written = await writeRows(rows, pair, fd, target, progress)
    if (written.length === 0) {
      const message = `${rows.key} is not in ${rows.database} any more`
      const hint = "session-rescue list shows its exports"
      throw toSourceError(new RescueError("SOURCE_GONE", message, hint), rows.database)
    }
    // safety: rows-fsync
    await flushFile(fd).catch((error) => {
      throw toWriteError(error, target)
    })
    ;(await pageCache()).forget(fd) // safety: rows-forget
    const copy = { fd, target, length: written.length }
    const sums = await compareRows(rows, pair.second, copy, md5, progress) // safety: rows-second-reader
    if (!pair.isIntact()) return null
    if (sums === null)
      throw new RescueError(
        "COPY_MISMATCH",
        `${target} does not hold the rows that were written to it`,
        "try again",
      )
    whole = true
    return { ...written, ...sums, ...statFacts(rows, fd), vanished: false }
  } finally {
    closeFile(fd)
    if (!whole) discard(target)
  }
}

async function writeRows(
  rows: SessionRows,
  { first }: SnapshotPair,
  fd: number,
  target: string,
  progress: Progress,
): Promise<{ length: number; tables: Record<string, number> }> {
  const tables: Record<string, number> = {}
  const advance = checkpoints(progress)
  let length = 0
  const count = (table: string) => {
    tables[table] = (tables[table] ?? 0) + 1
  }
  for (const bytes of reading(rows, rowBytes(first, rows, count))) {
    withWriteErrors(target, () => writeAll(fd, bytes, length))
    length += bytes.length
    await advance(bytes.length)
  }
  return { length, tables }
}

/** The checksums of the file, if it is what the second reader sees; null when it is not. */
async function compareRows(
  rows: SessionRows,
  second: Database,
  { fd, target, length }: { readonly fd: number; readonly target: string; readonly length: number },
  md5: boolean,
  progress: Progress,
): Promise<{ sha256: string; md5: string | null } | null> {
  const [sha256, wanted] = [new Bun.CryptoHasher("sha256"), md5 ? new Bun.CryptoHasher("md5") : null]
  const advance = checkpoints(progress)
  let at = 0
  for (const bytes of reading(rows, rowBytes(second, rows))) {
    const held = Buffer.allocUnsafe(bytes.length)
    const count = withWriteErrors(target, () => readFully(fd, held, at))
    if (count !== bytes.length || !held.equals(bytes)) return null // safety: rows-compare
    sha256.update(held)
    wanted?.update(held)
    at += count
    await advance(count)
  }
  return at === length ? { sha256: sha256.digest("hex"), md5: wanted?.digest("hex") ?? null } : null
}

/** Errors of the database are the session's alone. */
function* reading(rows: SessionRows, bytes: Generator<Buffer>): Generator<Buffer> {
  try {
    yield* bytes
  } catch (error) {
    throw toRowsError(error, rows.database)
  }
}

function statFacts({ database, writtenAt }: SessionRows, fd: number) {
  const look = lstatSync(database, { bigint: true, throwIfNoEntry: false })
  return {
    device: look?.dev ?? 0n,
    inode: look?.ino ?? 0n,
    modifiedAt: new Date(writtenAt),
    changedAt: 0n,
    isSettled: false, // no file time says that these rows are unchanged
    copyInode: fstatSync(fd, { bigint: true }).ino,
  }
}
