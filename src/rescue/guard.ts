import { randomBytes } from "node:crypto"
import { lstatSync, readdirSync } from "node:fs"
import { dirname } from "node:path"
import type { SavedExport } from "../session/export.ts"
import {
  discard,
  flushFolder,
  isSameFile,
  makeFolder,
  makeFolders,
  moveFolder,
  publishFile,
  shareFile,
} from "../system/durable.ts"
import { namesIn } from "../system/folder-names.ts"
import { makeFoldersBelow } from "./archive-folder.ts"
import { isGone, ownTag } from "./owner.ts"
import { readArchived } from "./saved.ts"
import { isInside } from "./stored.ts"

/** Second names for an export's files, while somebody else's program is at work on it: what it deletes is not lost. */
export interface Guard {
  /** Puts back what is gone, and says what that was. */
  release(): Promise<readonly string[]>
}

const nameForm = /^\.(.+)\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.guard$/

/** On a disk without hard links there is nothing to be had, and nothing is guarded. */
export async function guardExport(saved: SavedExport): Promise<Guard> {
  const folder = dirname(saved.path)
  const hidden = `${folder}/.${saved.name}.${await ownTag()}.${randomBytes(4).toString("hex")}.guard`
  try {
    makeFolder(hidden)
    for (const path of partsOf(saved)) {
      makeFolders(dirname(`${hidden}/${path}`), false)
      if (!shareFile(`${folder}/${path}`, `${hidden}/${path}`)) break
    }
  } catch {
    // what cannot be guarded is worked on all the same
  }
  return { release: () => putBack(folder, hidden) }
}

function partsOf(saved: SavedExport): string[] {
  const files = saved.manifest.files.filter((file) => isInside(file, `${saved.name}.jsonl`))
  const others = files.filter((file) => file.role === "footprint").map((file) => file.path)
  return [...others, `${saved.name}.manifest.json`, `${saved.name}.jsonl`]
}

/** Puts back what programs deleted while a run that then died was watching them. What was archived since stays gone. */
export async function releaseLeftGuards(
  pending: string,
  archive: string,
  warn: (message: string) => void,
): Promise<void> {
  for (const each of namesIn(pending)) {
    const [, name, owner] = nameForm.exec(each) ?? []
    if (name === undefined || owner === undefined || !(await isGone(owner))) continue
    const hidden = `${pending}/${each}`
    if (readArchived(archive, name) !== null) {
      discard(hidden)
      continue
    }
    const lost = await putBack(pending, hidden)
    if (lost.length > 0)
      warn(`an interrupted run had kept what a plugin deleted: ${lost.join(", ")} put back`)
  }
}

/** The `.jsonl` last, as when it was made. What else was put under its name is kept under another. */
async function putBack(folder: string, hidden: string): Promise<readonly string[]> {
  const lost: string[] = []
  for (const path of filesBelow(hidden).toSorted((a, b) => rank(a) - rank(b))) {
    const [from, to] = [`${hidden}/${path}`, `${folder}/${path}`]
    if (isSameFile(from, to)) continue
    if (lstatSync(to, { throwIfNoEntry: false }) !== undefined) {
      moveFolder(to, `${to}.displaced-${randomBytes(4).toString("hex")}`)
    }
    makeFoldersBelow(folder, dirname(path))
    if ((await publishFile(from, to)) === "published") lost.push(path)
  }
  if (lost.length > 0) flushFolder(folder)
  discard(hidden)
  return lost
}

function rank(path: string): number {
  return path.endsWith(".jsonl") && !path.includes("/") ? 2 : path.includes("/") ? 0 : 1
}

function filesBelow(folder: string): string[] {
  if (lstatSync(folder, { throwIfNoEntry: false }) === undefined) return []
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory()
      ? filesBelow(`${folder}/${entry.name}`).map((below) => `${entry.name}/${below}`)
      : [entry.name],
  )
}
