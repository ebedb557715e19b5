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

/** Second names for an export's files, while somebody else's program is at work on it: what it deletes is not lost. */
export interface ExportGuard {
  /** Puts back what is gone, and says what that was. */
  release(): Promise<readonly string[]>
}

const guardNamePattern = /^\.(.+)\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.guard$/

/** On a disk without hard links there is nothing to be had, and nothing is guarded. */
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
    // what cannot be guarded is worked on all the same
  }
  return { release: () => putBack(folder, hidden) }
}

function partsOf(saved: SavedExport): string[] {
  const files = saved.manifest.files.filter((file) => isInside(file, `${saved.name}.jsonl`))
  const others = files.filter((file) => file.role === "footprint").map((file) => file.path)
  return [...others, `${saved.name}.manifest.json`, `${saved.name}.jsonl`]
}

/**
 * Puts back what programs deleted while a run that then died was watching them. What was archived since stays gone.
 * One that cannot be put back now is kept, and holds up nothing else.
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
        warn(`an interrupted run had kept what a plugin deleted: ${lost.join(", ")} put back`)
    } catch (error) {
      warn(`what a plugin deleted of ${name} is kept in ${hidden}: ${(error as Error).message}`)
    }
  }
}

/** Of an export that was taken away on purpose nothing is to be put back. */
export async function dropStaleGuards(pending: string, name: string): Promise<void> {
  for (const guard of await listStaleGuards(pending)) if (guard.name === name) discard(guard.hidden)
}

/** Those of dead runs. */
async function listStaleGuards(pending: string): Promise<readonly { hidden: string; name: string }[]> {
  const left: { hidden: string; name: string }[] = []
  for (const each of listDirOrEmpty(pending)) {
    const [, name, owner] = guardNamePattern.exec(each) ?? []
    if (name !== undefined && owner !== undefined && (await hasOwnerExited(owner)))
      left.push({ hidden: `${pending}/${each}`, name })
  }
  return left
}

/** The `.jsonl` last, as when it was made. What else was put under its name is kept under another. */
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

/** A link where a folder of the export was would lead to files of somebody else's. */
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
