import { lstatSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { type ArchiveSource, isStoredName, type StoredFile } from "../../domain/export/archive-record.ts"
import { uninterruptible } from "../../domain/progress.ts"
import { flushFile } from "../../system/fs/durable.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { digestOpenFile, evictOpenFile } from "../io/digest.ts"
import { closeSource, openSource, type SourceFile } from "../io/source-file.ts"

/** null: it may be read from memory. */
export type StoredFreshness = "evicted" | "flushed" | null

/** The files of one archive; each is opened on first use. */
export interface OpenArchive extends ArchiveSource {
  close(): void
}

/**
 * Opens only files that the record names below `folder`; names that lead out of it, links, and folders that are links
 * are refused. `fresh`: first each file is evicted from memory, so that it is read from the disk; or flushed and evicted.
 */
export function openArchive(
  folder: string,
  name: string,
  stored: readonly StoredFile[],
  options: { readonly fresh: StoredFreshness },
): OpenArchive {
  const files = new Map(stored.map((file) => [file.path, file]))
  const opened = new Map<string, SourceFile>()
  const look = (path: string): SourceFile => {
    const known = opened.get(path)
    if (known !== undefined) return known
    const file = files.get(path)
    if (file === undefined || !isStoredName(path, name)) {
      throw damagedError(`the archive ${name} has no file ${JSON.stringify(path)}`)
    }
    const source = openStored(folder, file)
    opened.set(path, source)
    return source
  }
  return {
    names: () => [...files.keys()],
    length: (path) => look(path).length,
    async read(path, offset, length) {
      const known = opened.has(path)
      const { fd } = look(path)
      if (options.fresh !== null && !known) await makeFresh[options.fresh](fd)
      const bytes = Buffer.allocUnsafe(Math.max(0, length))
      return bytes.subarray(0, readFully(fd, bytes, offset))
    },
    close() {
      for (const source of opened.values()) closeSource(source)
      opened.clear()
    },
  }
}

/** Throws `DAMAGED` unless every file holds what was written to it. */
export async function verifyStored(folder: string, stored: readonly StoredFile[]): Promise<void> {
  for (const file of stored) {
    const source = openStored(folder, file)
    try {
      const sha256 = await digestOpenFile(source.fd, source.length, uninterruptible)
      if (sha256 !== file.sha256) throw damagedError(`${folder}/${file.path} is not what was written`)
    } finally {
      closeSource(source)
    }
  }
}

function openStored(folder: string, file: StoredFile): SourceFile {
  for (let above = dirname(file.path); above !== "."; above = dirname(above)) {
    if (lstatSync(`${folder}/${above}`, { throwIfNoEntry: false })?.isDirectory() !== true) {
      throw damagedError(`${folder}/${above} is missing or is not a folder`)
    }
  }
  const source = openSource(`${folder}/${file.path}`)
  if (source.length === file.length) return source
  closeSource(source)
  throw damagedError(`${folder}/${file.path} has ${source.length} bytes and should have ${file.length}`)
}

const makeFresh = {
  evicted: evictOpenFile,
  async flushed(fd: number): Promise<void> {
    await flushFile(fd)
    ;(await pageCache()).forget(fd)
  },
}

export function damagedError(message: string): RescueError {
  return new RescueError("DAMAGED", message, "see the others: session-rescue verify --all")
}
