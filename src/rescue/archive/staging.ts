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
import {
  closeFile,
  createFile,
  flushFile,
  flushFolder,
  hardlinkFile,
  makeFolders,
  writeAll,
} from "../../system/fs/durable.ts"
import { toWriteError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { checkpoints } from "../../system/runtime/yield.ts"
import { isInside } from "../catalog/export-files.ts"
import { copyVerified } from "../copy/copy.ts"

/** The files an archiver has staged so far. */
export interface StagedArchive extends ArchiveStaging {
  /** The files in the order they were made; throws when one was not ended. */
  finish(): readonly StoredFile[]
  /** Closes the file that a failed archiver left open. */
  abandon(): void
  /** Flushes every folder; false when one could not be flushed. */
  flushFolders(): boolean
}

/** An archiver writes new files of its own below `folder`. `raw` is the export it archives. */
export function stageArchive(folder: string, raw: SavedExport, progress: Progress): StagedArchive {
  const stored: StoredFile[] = []
  const folders = new Set([folder])
  let open: { name: string; fd: number } | null = null
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
      open = { name, fd }
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
      const { length, sha256 } = file
      stored.push({ path: name, length, sha256 }) // compared with the file on disk before it is published
    },
    finish() {
      if (open !== null) throw misuse(`it never ended ${open.name}`)
      return stored
    },
    abandon() {
      if (open !== null) closeFile(open.fd)
      open = null
    },
    flushFolders: () => ![...folders].map((each) => flushFolder(each)).includes(false),
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
      try {
        await flushFile(fd)
      } catch (error) {
        throw toWriteError(error, path)
      }
      ;(await pageCache()).forget(fd)
      closeFile(fd)
      done(length, hasher.digest("hex"))
    },
  }
}

function misuse(what: string): RescueError {
  return new RescueError("PLUGIN_FAILED", `the archiver failed: ${what}`, "nothing was archived by it")
}
