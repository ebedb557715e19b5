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
 * An export is taken away in two strokes, so that whatever ends us leaves nothing that looks like an export and is
 * not whole: its parts move, the `.jsonl` first, into a hidden folder `….pruned`; once all are there that folder
 * becomes `….gone` and is removed. What a dead run left as `….pruned` is whole and put back; `….gone` is removed.
 */
const parts = [
  [".jsonl", "session.jsonl"],
  [".manifest.json", "manifest.json"],
  [".files", "files"],
  [".queue", "queue"],
] as const

const removalNamePattern = /^\.(.+)\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.(pruned|gone)$/

/** Removes a pending export whose own files lie there. false when another run took it away first. */
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

/** Whether parts of this export are being taken away, or were when a run ended in the middle. */
export function isBeingRemoved(folder: string, name: string): boolean {
  return listDirOrEmpty(folder).some((each) => removalNamePattern.exec(each)?.[1] === name)
}

/** Puts right what runs that ended in the middle have left, of one session or of all. */
export async function finishRemovals(folder: string, id: string | null): Promise<void> {
  for (const each of listDirOrEmpty(folder)) {
    const [, name = "", owner = "", state] = removalNamePattern.exec(each) ?? []
    if (name === "" || (id !== null && !name.includes(id)) || !(await hasOwnerExited(owner))) continue
    if (state === "gone") discard(`${folder}/${each}`)
    else await putBack(folder, name, `${folder}/${each}`)
  }
  await removeStaleLocks(folder, id)
}

/** The `.jsonl` last: its name is the commit. What finds its name taken stays where it is. */
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
