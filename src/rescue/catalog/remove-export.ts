import { randomBytes } from "node:crypto"
import { lstatSync } from "node:fs"
import { dirname } from "node:path"
import { errnoOf } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import {
  discard,
  flushFolder,
  makeFolder,
  moveFolder,
  publishFile,
  publishFolder,
  removeFile,
} from "../../system/fs/durable.ts"
import { exists } from "../../system/fs/files.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { removeStaleLocks } from "../io/lock.ts"
import { hasOwnerExited, ownTag } from "../io/owner-tag.ts"

/**
 * Removal has two stages, so that an interruption never leaves an incomplete export that looks like a complete one:
 * the parts move, `.jsonl` first, into a hidden folder `….pruned`; once all are there, it is renamed to `….gone` and
 * deleted. After a crash, the parts in a `….pruned` folder are put back; a `….gone` folder is deleted.
 */
const parts = [
  [".jsonl", "session.jsonl"],
  [".manifest.json", "manifest.json"],
  [".files", "files"],
  [".queue", "queue"],
] as const

const removalNamePattern = /^\.(.+)\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.(pruned|gone)$/

/** Removes a pending, unarchived export. false when another run removed it first. */
export async function removeExport(saved: SavedExport): Promise<boolean> {
  const folder = dirname(saved.path)
  const base = `.${saved.name}.${await ownTag()}.${randomBytes(4).toString("hex")}`
  const hidden = `${folder}/${base}.pruned`
  makeFolder(hidden)
  try {
    moveFolder(saved.path, `${hidden}/session.jsonl`)
  } catch (error) {
    await putBack(folder, saved.name, hidden)
    if (errnoOf(error) === "ENOENT") return false
    throw error
  }
  try {
    for (const [ending, inside] of parts.slice(1)) {
      const part = `${folder}/${saved.name}${ending}`
      if (exists(part)) moveFolder(part, `${hidden}/${inside}`)
    }
    flushFolder(folder)
    // safety: prune-hidden-first
    moveFolder(hidden, `${folder}/${base}.gone`)
  } catch (error) {
    await putBack(folder, saved.name, hidden)
    throw error
  }
  flushFolder(folder)
  discard(`${folder}/${base}.gone`)
  return true
}

/** Whether parts of this export are being removed, or the removal was interrupted. */
export function isBeingRemoved(folder: string, name: string): boolean {
  return listDirOrEmpty(folder).some((each) => removalNamePattern.exec(each)?.[1] === name)
}

/** Completes or undoes removals that were interrupted, for one session or for all. */
export async function finishRemovals(folder: string, id: string | null): Promise<void> {
  for (const each of listDirOrEmpty(folder)) {
    const [, name = "", owner = "", state] = removalNamePattern.exec(each) ?? []
    if (name === "" || (id !== null && !name.includes(id)) || !(await hasOwnerExited(owner))) continue
    if (state === "gone") discard(`${folder}/${each}`)
    else await putBack(folder, name, `${folder}/${each}`)
  }
  await removeStaleLocks(folder, id)
}

/** The `.jsonl` is last: its name is the commit. If a name is taken, the remaining parts stay hidden. */
async function putBack(folder: string, name: string, hidden: string): Promise<void> {
  for (const [ending, inside] of parts.toReversed()) {
    const [from, to] = [`${hidden}/${inside}`, `${folder}/${name}${ending}`]
    if (!exists(from)) continue
    const look = lstatSync(from)
    if (look.isDirectory()) {
      if (publishFolder(from, to) === "taken") return
    } else {
      if ((await publishFile(from, to)) === "taken") return
      removeFile(from)
    }
    flushFolder(folder)
  }
  discard(hidden)
}
