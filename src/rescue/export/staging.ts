import { randomBytes } from "node:crypto"
import { dirname } from "node:path"
import type { DiskPath } from "../../domain/disk-path.ts"
import type { SavePlan, Unread } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import type { SessionRows } from "../../domain/rows/rows.ts"
import type { FileStore, Tie } from "../../domain/session/session.ts"
import { idForm, type SessionId } from "../../domain/session/session-id.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFolder,
  makeFolder,
  makeFolders,
  removeEmptyFolder,
} from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { copyVerified, type VerifiedCopy } from "../copy/copy.ts"
import { copyName } from "../copy/copy-name.ts"
import { ownTag } from "../io/owner-tag.ts"
import { describeSourceError, isSourceError } from "../io/source-errors.ts"
import { copyRows, type RowsCopy } from "../rows/copy-rows.ts"

/**
 * A hidden folder beside the exports in which one export is assembled. Its name contains the session and the owning
 * process, so that a later run can identify what a dead run left behind.
 */
export interface Staging {
  readonly folder: string
  readonly transcript: string
  readonly manifest: string
  readonly files: string
  /** A part was published and could not be taken back: the staging must stay, so that the next run knows. */
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

const stagingNamePattern = new RegExp(`^\\.(${idForm})\\.([0-9a-f]{8}-\\d+-\\d+)\\.[0-9a-f]{8}\\.tmp$`)

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

/** A new name for a staging folder of this process. */
export async function stagingFolder(pending: string, id: string): Promise<string> {
  return `${pending}/.${id}.${await ownTag()}.${randomBytes(4).toString("hex")}.tmp`
}

export interface StagedFile<Copy = VerifiedCopy> {
  readonly source: SavePlan["files"][number]["source"]
  readonly relative: SavePlan["files"][number]["relative"]
  readonly tie?: Tie | undefined
  readonly store?: FileStore | undefined
  /** Path below the staging's `files`; null for the transcript. */
  readonly name: string | null
  readonly copied: Copy
  /** Set when it was made from these rows. */
  readonly rows?: SavedRows
}

export interface SavedRows extends SessionRows {
  readonly tables: RowsCopy["tables"]
}

export interface Staged<Copy = VerifiedCopy> {
  readonly transcript: StagedFile<Copy> | null
  readonly files: readonly StagedFile<Copy>[]
  /** Files listed in the plan that no longer existed when they were to be copied. */
  readonly vanished: SavePlan["files"]
  /** Unreadable files outside the home that the session only refers to: the export is complete without them. */
  readonly unavailable: readonly Unread[]
  /** Files of the session that could not be read. */
  readonly unread: readonly Unread[]
  /** false: a folder of the staging could not be flushed. */
  readonly confirmed: boolean
}

/** A file to be copied, and how its client keeps it. */
export interface StagingSource {
  readonly path: DiskPath
  readonly store: FileStore | null
}

/** How files get into a staging: copied and verified one by one, or written to be flushed with others. */
export interface Stager<Copy> {
  readonly progress: Progress
  copy(source: StagingSource, target: string): Promise<Copy>
  /** Rows are verified at once: what was written is compared while the database is still seen at that commit. */
  copyRows(
    rows: SessionRows,
    target: string,
  ): Promise<{ readonly copied: Copy; readonly tables: RowsCopy["tables"] }>
  /** false: one could not be flushed. */
  flushFolders(folders: readonly string[]): boolean
}

/** Each file is flushed and verified by itself. */
export function stageVerified(md5: boolean, progress: Progress): Stager<VerifiedCopy> {
  return {
    progress,
    copy: ({ path, store }, target) => copyVerified(path, target, md5, progress, store),
    async copyRows(rows, target) {
      const { tables, ...copied } = await copyRows(rows, target, md5, progress)
      return { copied, tables }
    },
    flushFolders(folders) {
      const flushed = folders.map((folder) => flushFolder(folder)) // safety: footprint-fsync
      return !flushed.includes(false)
    },
  }
}

/**
 * Copies everything a plan names into the staging, transcript first: it changes and matters most. An unreadable file
 * does not stop the others; if nothing at all could be read, it throws.
 */
export async function stageAll<Copy>(
  plan: SavePlan,
  staging: Staging,
  stager: Stager<Copy>,
): Promise<Staged<Copy>> {
  const unread: Unread[] = [...(plan.unread ?? [])]
  let first: unknown = null
  const miss = (error: unknown, source: DiskPath, relative: DiskPath): null => {
    if (!isSourceError(error)) throw error // safety: only-sources-missing
    first ??= error
    unread.push({ source, relative, why: describeSourceError(error, source) }) // safety: unread-said
    return null
  }
  const transcript =
    plan.transcript === null ? null : await stageTranscript(plan, plan.transcript, staging, stager, miss)
  if (transcript === null) createEmptyFile(staging.transcript)
  const files: StagedFile<Copy>[] = []
  const vanished: SavePlan["files"][number][] = []
  const unavailable: Unread[] = []
  const taken = new Set<string>()
  for (const { source, relative, tie, store } of plan.files) {
    await checkpoint(stager.progress) // allows cancelling between thousands of small files
    const name = copyName(relative, taken)
    taken.add(name)
    const target = `${staging.files}/${name}`
    try {
      makeFolders(dirname(target), false) // flushed together at the end
    } catch (error) {
      throw toWriteError(error, target)
    }
    const copied = await stager.copy({ path: source, store: store ?? null }, target).catch((error) => {
      if (tie === "output" && isSourceError(error))
        unavailable.push({ source, relative, why: describeSourceError(error, source) })
      else if (error?.code === "SOURCE_GONE") vanished.push({ source, relative })
      else miss(error, source, relative)
      return null
    })
    if (copied !== null) files.push({ source, relative, tie, store, name, copied })
  }
  if (first !== null && transcript === null && files.length === 0 && plan.links.length === 0) throw first
  const confirmed = stager.flushFolders([...foldersOf(files, staging.files)])
  return { transcript, files, vanished, unavailable, unread, confirmed }
}

/** An unreadable transcript is recorded as missing; one that keeps changing or is gone fails the export. */
async function stageTranscript<Copy>(
  plan: SavePlan,
  source: NonNullable<SavePlan["transcript"]>,
  staging: Staging,
  stager: Stager<Copy>,
  miss: (error: unknown, source: DiskPath, relative: DiskPath) => null,
): Promise<StagedFile<Copy> | null> {
  const relative = plan.session.transcript ?? ""
  const missed = (error: unknown) => {
    if (!["NO_PERMISSION", "CANNOT_READ"].includes((error as { code?: string })?.code ?? "")) throw error
    return miss(error, source, relative)
  }
  if (plan.rows !== undefined) {
    const made = await stager.copyRows(plan.rows, staging.transcript).catch(missed)
    if (made === null) return null
    return { source, relative, name: null, copied: made.copied, rows: { ...plan.rows, tables: made.tables } }
  }
  const store = plan.transcriptStore
  const copied = await stager.copy({ path: source, store: store ?? null }, staging.transcript).catch(missed)
  return copied === null ? null : { source, relative, store, name: null, copied }
}

/** Without a transcript, the file that commits the export is empty, and the manifest says so. */
function createEmptyFile(path: string): void {
  try {
    closeFile(createFile(path))
  } catch (error) {
    throw toWriteError(error, path)
  }
}

function foldersOf(files: readonly StagedFile<unknown>[], root: string): Set<string> {
  const folders = new Set<string>()
  for (const { name } of files) {
    for (let folder = dirname(`${root}/${name}`); folder.startsWith(root); folder = dirname(folder))
      folders.add(folder)
  }
  return folders
}

/**
 * The transcript first: a staging without it makes no claim on published files. The manifest of an export is changed
 * last, when it loses its name here; see as-recorded.ts.
 */
export function closeStaging(staging: Staging): void {
  if (staging.halfPublished) return
  // safety: manifest-last
  discard(staging.transcript)
  discard(staging.manifest)
  try {
    if (removeEmptyFolder(staging.folder) === "gone") return
  } catch {
    // there was more in it
  }
  discard(staging.folder)
}
