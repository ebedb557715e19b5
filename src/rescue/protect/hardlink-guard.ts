/** Protection of exports while other programs work on them: hard links against deletion, checks against changes. */
import { randomBytes } from "node:crypto"
import { lstatSync, readdirSync } from "node:fs"
import { dirname } from "node:path"
import type { SavedExport } from "../../domain/export/export.ts"
import {
  discard,
  flushFolder,
  hardlinkFile,
  isSameFile,
  makeFolder,
  makeFolders,
  moveFolder,
  publishFile,
} from "../../system/fs/durable.ts"
import { exists } from "../../system/fs/files.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"
import { makeFoldersBelow } from "../archive/folder.ts"
import { isInside } from "../catalog/export-files.ts"
import { readArchived } from "../catalog/saved-exports.ts"
import { hasOwnerExited, ownTag } from "../io/owner-tag.ts"

/** Extra hard links to an export's files while another program works on it: files it deletes are not lost. */
export interface ExportGuard {
  /** Restores deleted files and returns their paths. */
  release(): Promise<readonly string[]>
}

const guardNamePattern = /^\.(.+)\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.guard$/

/** On a filesystem without hard links, nothing is guarded. */
export async function guardExport(saved: SavedExport): Promise<ExportGuard> {
  const folder = dirname(saved.path)
  const hidden = `${folder}/.${saved.name}.${await ownTag()}.${randomBytes(4).toString("hex")}.guard`
  try {
    makeFolder(hidden)
    for (const path of partsOf(saved)) {
      makeFolders(dirname(`${hidden}/${path}`), false)
      if (!hardlinkFile(`${folder}/${path}`, `${hidden}/${path}`)) break
    }
  } catch {
    // processing continues even if the export cannot be guarded
  }
  return { release: () => putBack(folder, hidden) }
}

function partsOf(saved: SavedExport): string[] {
  const files = saved.manifest.files.filter((file) => isInside(file, `${saved.name}.jsonl`))
  const others = files.filter((file) => file.role === "footprint").map((file) => file.path)
  return [...others, `${saved.name}.manifest.json`, `${saved.name}.jsonl`]
}

/**
 * Restores files that programs deleted under the guard of a run that then died. Exports archived since are not
 * restored. A guard that cannot be released now is kept and does not stop the others.
 */
export async function releaseStaleGuards(
  pending: string,
  archive: string,
  warn: (message: string) => void,
): Promise<void> {
  for (const { hidden, name } of await listStaleGuards(pending)) {
    if (readArchived(archive, name) !== null) {
      discard(hidden)
      continue
    }
    try {
      const lost = await putBack(pending, hidden)
      if (lost.length > 0)
        warn(`an interrupted run had kept what a plugin deleted: ${lost.join(", ")}: restored`)
    } catch (error) {
      warn(`what a plugin deleted of ${name} is kept in ${hidden}: ${(error as Error).message}`)
    }
  }
}

/** Discards guards of an export that was removed on purpose: its files must not be restored. */
export async function dropStaleGuards(pending: string, name: string): Promise<void> {
  for (const guard of await listStaleGuards(pending)) if (guard.name === name) discard(guard.hidden)
}

/** Guards whose run has died. */
async function listStaleGuards(pending: string): Promise<readonly { hidden: string; name: string }[]> {
  const left: { hidden: string; name: string }[] = []
  for (const each of listDirOrEmpty(pending)) {
    const [, name, owner] = guardNamePattern.exec(each) ?? []
    if (name !== undefined && owner !== undefined && (await hasOwnerExited(owner)))
      left.push({ hidden: `${pending}/${each}`, name })
  }
  return left
}

/** The `.jsonl` is last, as when the export was published. A different file at a path is renamed, not replaced. */
async function putBack(folder: string, hidden: string): Promise<readonly string[]> {
  const lost: string[] = []
  let all = true
  for (const path of filesBelow(hidden).toSorted((a, b) => rank(a) - rank(b))) {
    const [from, to] = [`${hidden}/${path}`, `${folder}/${path}`]
    displaceNonFolders(folder, dirname(path)) // safety: guard-no-links
    if (isSameFile(from, to)) continue
    if (exists(to)) displace(to)
    makeFoldersBelow(folder, dirname(path))
    if ((await publishFile(from, to)) === "published") lost.push(path)
    else all = false
  }
  if (lost.length > 0) flushFolder(folder)
  if (all) discard(hidden)
  return lost
}

/** A link in place of an export's folder would lead to other files, so it is moved aside. */
function displaceNonFolders(folder: string, path: string): void {
  if (path === ".") return
  displaceNonFolders(folder, dirname(path))
  const stat = lstatSync(`${folder}/${path}`, { throwIfNoEntry: false })
  if (stat !== undefined && !stat.isDirectory()) displace(`${folder}/${path}`)
}

function displace(path: string): void {
  moveFolder(path, `${path}.displaced-${randomBytes(4).toString("hex")}`)
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
