import { dirname } from "node:path"
import { MiB } from "../../domain/bytes.ts"
import { RescueError } from "../../domain/errors.ts"
import {
  type ArchiveFile,
  type ArchiveStaging,
  isStoredName,
  type StoredFile,
} from "../../domain/export/archive-record.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import { silent } from "../../domain/progress.ts"
import { parseSessionId } from "../../domain/session/session-id.ts"
import {
  closeFile,
  createFile,
  discard,
  hardlinkFile,
  makeFolders,
  writeAll,
} from "../../system/fs/durable.ts"
import { withWriteErrors } from "../../system/fs/io-errors.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { isInside } from "../catalog/export-files.ts"
import { copyVerified } from "../copy/copy.ts"
import { openStaging, type Staging } from "../export/staging.ts"
import { writeText } from "../export/write-manifest.ts"
import { openSource } from "../io/source-file.ts"
import { damagedError } from "../verify/archive-reader.ts"
import type { RawExport } from "./remove-raw.ts"

/** A small file that stays open until the flush that it shares with others. */
interface WrittenFile {
  readonly path: string
  readonly fd: number
  readonly bytes: Buffer
}

/** An archive that is made and not yet published. Its files stay open until the flush that they share with others. */
export interface MakingArchive {
  readonly staging: Staging
  readonly manifest: WrittenFile
  readonly stored: readonly StoredFile[]
  readonly staged: StagedArchive
  /** Written once the archive is verified. */
  record: WrittenFile | null
  /** The folders of the archive in which its names are, deepest first. */
  readonly places: Set<string>
}

/** Lets the archiver make its files of one export, unflushed. On an error nothing is left of them. */
export async function startArchive(
  raw: RawExport,
  archive: string,
  archiver: { store(saved: SavedExport, staging: ArchiveStaging): Promise<void> },
  progress: Progress,
): Promise<MakingArchive> {
  const { saved, manifestBytes } = raw
  const id = parseSessionId(saved.manifest.session.id)
  if (id === null) throw damagedError(`${saved.manifestPath} names no session`)
  const staging = await openStaging(archive, id)
  const staged = stageArchive(staging.files, saved, progress)
  let manifest: WrittenFile | null = null
  try {
    manifest = {
      path: staging.manifest,
      fd: writeText(staging.manifest, manifestBytes),
      bytes: manifestBytes,
    }
    await archiver.store(saved, staged)
    return { staging, manifest, stored: staged.finish(), staged, record: null, places: new Set() }
  } catch (error) {
    discardStaging(staging, staged, [manifest])
    throw error
  }
}

export function discardMaking({ staging, staged, manifest, record }: MakingArchive): void {
  discardStaging(staging, staged, [manifest, record])
}

function discardStaging(
  staging: Staging,
  staged: StagedArchive,
  written: readonly (WrittenFile | null)[],
): void {
  staged.close()
  for (const file of written) if (file !== null) closeFile(file.fd)
  discard(staging.manifest)
  discard(staging.files) // before the record, which is changed last when it loses its name here: see as-recorded.ts
  discard(staging.folder)
}

/** The files an archiver has staged so far. */
interface StagedArchive extends ArchiveStaging {
  /** The files in the order they were made; throws when one was not ended. */
  finish(): readonly StoredFile[]
  /** Open files, to be flushed. */
  readonly files: readonly { readonly path: string; readonly fd: number }[]
  readonly folders: ReadonlySet<string>
  close(): void
}

/** An archiver writes new files of its own below `folder`. `raw` is the export it archives. */
function stageArchive(folder: string, raw: SavedExport, progress: Progress): StagedArchive {
  const stored: StoredFile[] = []
  const folders = new Set([folder])
  const files: { path: string; fd: number }[] = []
  let open: { name: string } | null = null
  const place = (name: string) => {
    const taken = stored.some((file) => file.path === name)
    if (open !== null) throw misuse(`it began ${name} before it ended ${open.name}`)
    if (!isStoredName(name, raw.name) || taken) throw misuse(`${JSON.stringify(name)} is not a valid name`) // safety: archive-name-inside
    const target = `${folder}/${name}`
    makeFolders(dirname(target), false)
    for (let above = dirname(target); above.startsWith(folder); above = dirname(above)) folders.add(above)
    return target
  }
  const quiet = silent(progress.signal)
  return {
    create(name) {
      const path = `${folder}/${name}`
      // a `.jsonl` beside a manifest always counts as an unarchived export
      if (name === `${raw.name}.jsonl`) throw misuse(`${name} is only for the transcript itself (keep)`)
      const fd = withWriteErrors(path, () => createFile(place(name)))
      open = { name }
      files.push({ path, fd })
      return createArchiveFile(fd, path, quiet, (length, sha256) => {
        open = null
        stored.push({ path: name, length, sha256 })
      })
    },
    async keep(name, path) {
      const file = raw.manifest.files.find((each) => each.path === path)
      if (file === undefined || !isInside(file, `${raw.name}.jsonl`)) {
        throw misuse(`${JSON.stringify(path)} is not a file of this export`)
      }
      const source = `${dirname(raw.path)}/${path}`
      const target = withWriteErrors(name, () => place(name))
      if (!withWriteErrors(target, () => hardlinkFile(source, target)))
        await copyVerified(source, target, false, quiet)
      files.push({ path: target, fd: openSource(target).fd })
      const { length, sha256 } = file
      stored.push({ path: name, length, sha256 }) // compared with the file on disk before it is published
    },
    finish() {
      if (open !== null) throw misuse(`it never ended ${open.name}`)
      return stored
    },
    files,
    folders,
    close() {
      for (const { fd } of files.splice(0)) closeFile(fd)
    },
  }
}

/** Bytes after which writeback is started, while the rest is still being produced. */
const writebackBytes = 8 * MiB

function createArchiveFile(
  fd: number,
  path: string,
  progress: Progress,
  done: (length: number, sha256: string) => void,
): ArchiveFile {
  const hasher = new Bun.CryptoHasher("sha256")
  const advance = checkpoints(progress)
  let length = 0
  let begun = 0
  let ended = false
  return {
    async add(bytes) {
      if (ended) throw misuse(`it wrote to ${path} after its end`)
      withWriteErrors(path, () => writeAll(fd, bytes, length))
      hasher.update(bytes)
      length += bytes.length
      if (length - begun >= writebackBytes) {
        ;(await pageCache()).startWriting(fd, begun, length - begun)
        begun = length
      }
      await advance(bytes.length)
    },
    async end() {
      if (ended) return
      ended = true
      done(length, hasher.digest("hex"))
    },
  }
}

function misuse(what: string): RescueError {
  return new RescueError("PLUGIN_FAILED", `the archiver failed: ${what}`, "nothing was archived by it")
}
