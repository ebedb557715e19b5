import { randomBytes } from "node:crypto"
import { dirname } from "node:path"
import type { DiskPath } from "../../domain/disk-path.ts"
import type { SavePlan, Unread } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import type { Tie } from "../../domain/session/session.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFolder,
  makeFolder,
  makeFolders,
} from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { copyVerified, type VerifiedCopy } from "../copy/copy.ts"
import { copyName } from "../copy/copy-name.ts"
import { ownTag } from "../io/owner-tag.ts"
import { describeSourceError, isSourceError } from "../io/source-errors.ts"

/**
 * A hidden folder beside the exports in which one is put together; its name says which session and which
 * process it belongs to, so that a later run can tell what a dead one left behind.
 */
export interface Staging {
  readonly folder: string
  readonly transcript: string
  readonly manifest: string
  readonly files: string
  /** Something of it stands under a final name and could not be taken back: the next run needs it to know that. */
  halfPublished: boolean
}

export function stagingPaths(folder: string): Staging {
  return {
    folder,
    halfPublished: false,
    transcript: `${folder}/session.jsonl`,
    manifest: `${folder}/manifest.json`,
    files: `${folder}/files`,
  }
}

const stagingNamePattern = /^\.([0-9a-fA-F-]{36})\.([0-9a-f]{8}-\d+-\d+)\.[0-9a-f]{8}\.tmp$/

export function parseStagingName(name: string): { id: string; owner: string } | null {
  const match = stagingNamePattern.exec(name)
  return match === null ? null : { id: match[1] ?? "", owner: match[2] ?? "" }
}

export async function openStaging(pending: string, id: SessionId): Promise<Staging> {
  const folder = await stagingFolder(pending, id)
  try {
    makeFolder(folder)
  } catch (error) {
    throw toWriteError(error, folder)
  }
  return stagingPaths(folder)
}

/** A new name for a staging of this process. */
export async function stagingFolder(pending: string, id: string): Promise<string> {
  return `${pending}/.${id}.${await ownTag()}.${randomBytes(4).toString("hex")}.tmp`
}

export interface StagedFile {
  readonly source: SavePlan["files"][number]["source"]
  readonly relative: SavePlan["files"][number]["relative"]
  readonly tie?: Tie | undefined
  /** Below the staging's `files`; null for the transcript. */
  readonly name: string | null
  readonly copied: VerifiedCopy
}

export interface Staged {
  readonly transcript: StagedFile | null
  readonly files: readonly StagedFile[]
  /** Listed in the plan, gone when it was their turn. */
  readonly vanished: SavePlan["files"]
  /** Outside of the home, and not to be had: no part of the session, but it points there. */
  readonly unavailable: readonly Unread[]
  /** Of the session, and not to be read. */
  readonly unread: readonly Unread[]
  /** false: a folder of the staging could not be flushed. */
  readonly confirmed: boolean
}

/**
 * Copies everything a plan names into the staging, the transcript first: it is what changes and matters most. What
 * cannot be read stops nothing else; where nothing at all could be, it throws.
 */
export async function stageAll(
  plan: SavePlan,
  staging: Staging,
  md5: boolean,
  progress: Progress,
): Promise<Staged> {
  const unread: Unread[] = [...(plan.unread ?? [])]
  let first: unknown = null
  const miss = (error: unknown, source: DiskPath, relative: DiskPath): null => {
    if (!isSourceError(error)) throw error // safety: only-sources-missing
    first ??= error
    unread.push({ source, relative, why: describeSourceError(error, source) }) // safety: unread-said
    return null
  }
  const transcript =
    plan.transcript === null
      ? null
      : await stageTranscript(plan, plan.transcript, staging, md5, progress, miss)
  if (transcript === null) createEmptyFile(staging.transcript)
  const files: StagedFile[] = []
  const vanished: SavePlan["files"][number][] = []
  const unavailable: Unread[] = []
  const taken = new Set<string>()
  for (const { source, relative, tie } of plan.files) {
    await checkpoint(progress) // a footprint may be thousands of small files, and Ctrl-C is to be heard between them
    const name = copyName(relative, taken)
    taken.add(name)
    const target = `${staging.files}/${name}`
    try {
      makeFolders(dirname(target), false) // flushed together at the end
    } catch (error) {
      throw toWriteError(error, target)
    }
    const copied = await copyVerified(source, target, md5, progress).catch((error) => {
      if (tie === "output" && isSourceError(error))
        unavailable.push({ source, relative, why: describeSourceError(error, source) })
      else if (error?.code === "SOURCE_GONE") vanished.push({ source, relative })
      else miss(error, source, relative)
      return null
    })
    if (copied !== null) files.push({ source, relative, tie, name, copied })
  }
  if (first !== null && transcript === null && files.length === 0 && plan.links.length === 0) throw first
  // safety: footprint-fsync
  const flushed = [...foldersOf(files, staging.files)].map((folder) => flushFolder(folder))
  return { transcript, files, vanished, unavailable, unread, confirmed: !flushed.includes(false) }
}

/** One that is rewritten all the time, or is gone, is for the next try; one that cannot be read stays behind. */
async function stageTranscript(
  plan: SavePlan,
  source: NonNullable<SavePlan["transcript"]>,
  staging: Staging,
  md5: boolean,
  progress: Progress,
  miss: (error: unknown, source: DiskPath, relative: DiskPath) => null,
): Promise<StagedFile | null> {
  const relative = plan.session.transcript ?? ""
  const copied = await copyVerified(source, staging.transcript, md5, progress).catch((error) => {
    if (!["NO_PERMISSION", "CANNOT_READ"].includes(error?.code)) throw error
    return miss(error, source, relative)
  })
  return copied === null ? null : { source, relative, name: null, copied }
}

/** Without a transcript the file that commits the export is empty, and the manifest says so. */
function createEmptyFile(path: string): void {
  try {
    closeFile(createFile(path))
  } catch (error) {
    throw toWriteError(error, path)
  }
}

function foldersOf(files: readonly StagedFile[], root: string): Set<string> {
  const folders = new Set<string>()
  for (const { name } of files) {
    for (let folder = dirname(`${root}/${name}`); folder.startsWith(root); folder = dirname(folder))
      folders.add(folder)
  }
  return folders
}

/** The manifest goes first: a staging without one claims nothing that is published. */
export function closeStaging(staging: Staging): void {
  if (staging.halfPublished) return
  discard(staging.manifest)
  discard(staging.folder)
}
