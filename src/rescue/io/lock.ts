import { randomBytes } from "node:crypto"
import { errnoOf } from "../../domain/errors.ts"
import { closeFile, createFile, discard, makeFolder, removeEmptyFolder } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { hasOwnerExited, ownTag } from "./owner-tag.ts"

/** Held while a run works on an export. */
export interface Lock {
  release(): void
}

export interface LockFile {
  readonly export: string
  readonly path: string
  /** null when the tag contains none. */
  readonly pid: number | null
  /** The owner has certainly exited: the next run ignores and removes the lock. */
  readonly stale: boolean
}

/**
 * The file's name contains its owner, so a lock file never changes hands: a dead owner's lock can be removed by any
 * run at any time without taking another run's lock. After creating a lock, a run checks again and backs off if there
 * is another; of two concurrent runs, at least the later one sees the earlier. Locks have their own folder, which
 * exists only while a lock is held: searching among thousands of exports for each lock took longer than everything
 * else.
 */
const locksFolder = ".locks"
const lockNamePattern = /^\.(.+)\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.lock$/s

const maxAttempts = 4

/** null when another run, alive or of unknown state, works on this export. */
export async function lockExport(pending: string, name: string): Promise<Lock | null> {
  const tag = await ownTag()
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if ((await otherLocks(pending, name, null)).length > 0) return null
    const own = `.${name}.${tag}.${randomBytes(4).toString("hex")}.lock`
    const path = `${pending}/${locksFolder}/${own}`
    createLock(pending, path)
    // safety: lock-looks-again
    if ((await otherLocks(pending, name, own)).length === 0) return { release: () => remove(pending, path) }
    remove(pending, path) // both may have backed off; the first to retry wins
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * (attempt + 1)))
  }
  return null
}

function createLock(pending: string, path: string): void {
  for (let left = 100; ; left--) {
    try {
      makeFolder(`${pending}/${locksFolder}`)
      closeFile(createFile(path))
      return
    } catch (error) {
      // another run has just removed the empty folder
      if (errnoOf(error) !== "ENOENT" || left === 0) throw toWriteError(error, path)
    }
  }
}

function remove(pending: string, path: string): void {
  discard(path)
  removeLocksFolder(pending)
}

function removeLocksFolder(pending: string): void {
  try {
    removeEmptyFolder(`${pending}/${locksFolder}`)
  } catch {
    // another run's lock is in it, or it is gone
  }
}

async function otherLocks(pending: string, name: string, own: string | null): Promise<readonly LockFile[]> {
  const held = await readLocks(pending, name)
  for (const lock of held) if (lock.stale) discard(lock.path)
  return held.filter((lock) => !lock.stale && lock.path !== `${pending}/${locksFolder}/${own}`) // safety: lock-held
}

/** Every lock in the pending folder, or those of one export, including stale ones. */
export async function readLocks(pending: string, only: string | null = null): Promise<readonly LockFile[]> {
  const found: LockFile[] = []
  const folder = `${pending}/${locksFolder}`
  for (const each of listDirOrEmpty(folder)) {
    const [, name, tag] = lockNamePattern.exec(each) ?? []
    if (name === undefined || tag === undefined || (only !== null && name !== only)) continue
    const pid = Number(tag.split("-")[1])
    found.push({ export: name, path: `${folder}/${each}`, pid, stale: await hasOwnerExited(tag) })
  }
  return found
}

/** Needed for exports that no longer exist, whose locks nobody checks. `id`: only one session's; null: all. */
export async function removeStaleLocks(pending: string, id: string | null = null): Promise<void> {
  for (const lock of await readLocks(pending)) {
    if (lock.stale && (id === null || lock.export.includes(id))) discard(lock.path)
  }
  removeLocksFolder(pending)
}
