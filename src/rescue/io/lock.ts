import { randomBytes } from "node:crypto"
import { errnoOf } from "../../domain/errors.ts"
import { closeFile, createFile, discard, makeFolder, removeEmptyFolder } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { hasOwnerExited, ownTag } from "./owner-tag.ts"

/** Held while one run works on one export. */
export interface Lock {
  release(): void
}

export interface LockFile {
  readonly export: string
  readonly path: string
  /** null where the tag does not say. */
  readonly pid: number | null
  /** Its owner is certainly gone: the next run ignores and removes it. */
  readonly stale: boolean
}

/**
 * The owner is in the file's name, so that a lock, once there, is only ever its owner's: a dead owner's can be
 * removed by anybody at any time without taking away somebody else's. Whoever makes one looks again afterwards, and
 * steps back when there is another; of two at once, at least the later sees the earlier. Locks have a folder of their
 * own, there only while one is held: to look among thousands of exports for each of them took longer than all else.
 */
const locksFolder = ".locks"
const lockNamePattern = /^\.(.+)\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.lock$/s

const maxAttempts = 4

/** null when another run, alive or not to be told, works on this export. */
export async function lockExport(pending: string, name: string): Promise<Lock | null> {
  const tag = await ownTag()
  for (let attempt = 0; attempt < maxAttempts; attempt++) {
    if ((await otherLocks(pending, name, null)).length > 0) return null
    const own = `.${name}.${tag}.${randomBytes(4).toString("hex")}.lock`
    const path = `${pending}/${locksFolder}/${own}`
    createLock(pending, path)
    // safety: lock-looks-again
    if ((await otherLocks(pending, name, own)).length === 0) return { release: () => remove(pending, path) }
    remove(pending, path) // both may have stepped back: whoever comes first after a moment gets it
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
      // another run has just taken the empty folder away
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
    // another's lock is in it, or it is gone
  }
}

async function otherLocks(pending: string, name: string, own: string | null): Promise<readonly LockFile[]> {
  const held = (await readLocks(pending)).filter((lock) => lock.export === name)
  for (const lock of held) if (lock.stale) discard(lock.path)
  return held.filter((lock) => !lock.stale && lock.path !== `${pending}/${locksFolder}/${own}`) // safety: lock-held
}

/** Every lock in the pending folder, dead ones too. */
export async function readLocks(pending: string): Promise<readonly LockFile[]> {
  const found: LockFile[] = []
  const folder = `${pending}/${locksFolder}`
  for (const each of listDirOrEmpty(folder)) {
    const [, name, tag] = lockNamePattern.exec(each) ?? []
    if (name === undefined || tag === undefined) continue
    const pid = Number(tag.split("-")[1])
    found.push({ export: name, path: `${folder}/${each}`, pid, stale: await hasOwnerExited(tag) })
  }
  return found
}

/** Of exports that are gone by now, nobody else would. `id`: of one session, null: of all. */
export async function removeStaleLocks(pending: string, id: string | null = null): Promise<void> {
  for (const lock of await readLocks(pending)) {
    if (lock.stale && (id === null || lock.export.includes(id))) discard(lock.path)
  }
  removeLocksFolder(pending)
}
