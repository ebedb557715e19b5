/** What lies outside this machine: a folder that others share, and requests over the network. */
import { randomBytes } from "node:crypto"
import {
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmdirSync,
  statSync,
  unlinkSync,
} from "node:fs"
import { dirname } from "node:path"
import { MiB } from "../../domain/bytes.ts"
import { errnoOf } from "../../domain/errors.ts"
import { flushFile, flushFolder, publishFile, writeAll } from "../fs/durable.ts"
import { readFully } from "../fs/read-fully.ts"
import { pageCache } from "../native/page-cache.ts"

/** A folder that other machines and users may share. Names are relative; no link below it is followed. */
export interface SharedFolder {
  exists(name: string): boolean
  /** null when there is no such plain file. */
  length(name: string): number | null
  /**
   * Creates a file that must not exist, flushed and read back before it gets its name: `exists` when the name is taken.
   * Who may read it is who may read the folder; others never write it.
   */
  create(name: string, object: SharedObject): Promise<"stored" | "exists">
  read(name: string, from: number): AsyncIterable<Uint8Array>
  /** The names of all plain files below `folder`, one folder at a time. */
  names(folder: string): AsyncIterable<readonly string[]>
  remove(name: string): void
}

interface SharedObject {
  readonly length: number
  readonly sha256: string
  read(offset: number, length: number): Promise<Uint8Array>
}

const chunkBytes = MiB
/** Holds files that are being written; a run that died leaves one. */
const incoming = ".incoming"
const othersWrite = 0o022

export function sharedFolder(root: string): SharedFolder {
  return {
    exists: (name) => lstatSync(`${root}/${name}`, { throwIfNoEntry: false }) !== undefined,
    length: (name) => plainLength(root, name),
    create: (name, object) => createShared(root, name, object),
    read: (name, from) => readShared(root, name, from),
    names: (folder) => namesBelow(root, folder),
    remove: (name) => removeShared(root, name),
  }
}

function plainLength(root: string, name: string): number | null {
  if (!isReached(root, name)) return null
  const stat = lstatSync(`${root}/${name}`, { throwIfNoEntry: false })
  return stat?.isFile() ? stat.size : null
}

/** Whether no folder on the way is a link or missing: somebody else may have put a link there. */
function isReached(root: string, name: string): boolean {
  // safety: shared-no-links
  for (let above = dirname(name); above !== "."; above = dirname(above))
    if (lstatSync(`${root}/${above}`, { throwIfNoEntry: false })?.isDirectory() !== true) return false
  return true
}

async function createShared(root: string, name: string, object: SharedObject): Promise<"stored" | "exists"> {
  const mode = statSync(root).mode
  makeShared(root, incoming, mode)
  const staged = `${root}/${incoming}/${randomBytes(16).toString("hex")}`
  const fd = openSync(
    staged,
    constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW,
    0o600,
  )
  try {
    try {
      await fill(fd, object)
      fchmodSync(fd, (mode & 0o666 & ~othersWrite) | 0o600)
      await flushFile(fd)
      ;(await pageCache()).forget(fd)
      // safety: shared-read-back
      if ((await sumOf(fd)) !== object.sha256)
        throw new Error(`${name} was written, and reads back differently`)
    } finally {
      closeSync(fd)
    }
    const folders = makeParents(root, name, mode)
    if (!isReached(root, name)) throw new Error(`a link is in the way of ${name}`)
    if ((await publishFile(staged, `${root}/${name}`)) === "taken") return "exists"
    if (folders.map((folder) => flushFolder(folder)).includes(false))
      throw new Error(`the name ${name} could not be flushed`)
    return "stored"
  } finally {
    unlinkQuietly(staged)
  }
}

async function fill(fd: number, { length, read }: SharedObject): Promise<void> {
  let at = 0
  while (at < length) {
    const bytes = await read(at, Math.min(chunkBytes, length - at))
    if (bytes.length === 0) throw new Error(`it ended after ${at} of ${length} bytes`)
    writeAll(fd, bytes, at)
    at += bytes.length
  }
}

async function sumOf(fd: number): Promise<string> {
  const hasher = new Bun.CryptoHasher("sha256")
  const buffer = Buffer.allocUnsafe(chunkBytes)
  for (let at = 0; ; ) {
    const count = readFully(fd, buffer, at)
    if (count === 0) return hasher.digest("hex")
    hasher.update(buffer.subarray(0, count))
    at += count
    await Promise.resolve()
  }
}

/** The folders above a name, those of owners closed to other writers. Returns all, deepest first. */
function makeParents(root: string, name: string, mode: number): string[] {
  const made = [root]
  const parts = name.split("/").slice(0, -1)
  for (let n = 1; n <= parts.length; n++) {
    const folder = parts.slice(0, n).join("/")
    // the first two, `v1/u`, hold the folders of all owners: the person who may write the root may add one
    makeShared(root, folder, n <= 2 ? mode : mode & ~othersWrite)
    made.unshift(`${root}/${folder}`)
  }
  return made
}

function makeShared(root: string, folder: string, mode: number): void {
  try {
    mkdirSync(`${root}/${folder}`, 0o700)
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return
    throw error
  }
  const fd = openSync(`${root}/${folder}`, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
  try {
    fchmodSync(fd, (mode & 0o7777) | 0o700)
    fsyncSync(fd)
  } finally {
    closeSync(fd)
  }
}

async function* readShared(root: string, name: string, from: number): AsyncIterable<Uint8Array> {
  if (!isReached(root, name)) throw Object.assign(new Error(`${name} is not there`), { code: "ENOENT" })
  const fd = openSync(`${root}/${name}`, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    for (let at = from; ; ) {
      const buffer = Buffer.allocUnsafe(chunkBytes)
      const count = readFully(fd, buffer, at)
      if (count === 0) return
      yield buffer.subarray(0, count)
      at += count
    }
  } finally {
    closeSync(fd)
  }
}

async function* namesBelow(root: string, folder: string): AsyncIterable<readonly string[]> {
  let entries: ReturnType<typeof readEntries>
  try {
    entries = readEntries(`${root}/${folder}`)
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return
    throw error
  }
  const below = (name: string) => (folder === "" ? name : `${folder}/${name}`)
  yield entries.filter((entry) => entry.isFile()).map(({ name }) => below(name))
  for (const entry of entries)
    if (entry.isDirectory() && entry.name !== incoming) yield* namesBelow(root, below(entry.name))
}

function readEntries(path: string) {
  return readdirSync(path, { withFileTypes: true }).toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function removeShared(root: string, name: string): void {
  if (!isReached(root, name)) return
  try {
    unlinkSync(`${root}/${name}`)
  } catch (error) {
    if (errnoOf(error) !== "ENOENT") throw error
  }
  try {
    for (let above = dirname(name); above.split("/").length > 3; above = dirname(above))
      rmdirSync(`${root}/${above}`)
  } catch {
    // more is in it
  }
}

function unlinkQuietly(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // removed yourself: it has no name that anything reads
  }
}
