import { randomBytes } from "node:crypto"
import {
  chmodSync,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmdirSync,
  statSync,
  writeSync,
} from "node:fs"
import { basename, dirname } from "node:path"
import { errnoOf } from "../../domain/errors.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFile,
  flushFolder,
  makeFolders,
  removeFile,
  replaceFile,
  writeAll,
} from "./durable.ts"
import { giveToHome } from "./home-owner.ts"

/** Small text files that are written for users or clients; not exports. */

/** `latin1` preserves every byte: parts of the text that are not examined may be in any encoding. */
type Encoding = "utf8" | "latin1"

/** The whole text; null when there is no such file. Throws the system's error; `EISDIR` for other than a plain file. */
export function readTextFile(path: string, encoding: Encoding = "utf8"): string | null {
  return readBytes(path)?.toString(encoding) ?? null
}

/** Whether the file holds exactly this text; never true for a file that is not UTF-8, as decoding it loses bytes. */
export function hasContent(path: string, text: string | null, encoding: Encoding = "utf8"): boolean {
  const bytes = readBytes(path)
  return bytes === null || text === null ? bytes === text : bytes.equals(Buffer.from(text, encoding))
}

function readBytes(path: string): Buffer | null {
  try {
    if (!statSync(path).isFile()) throw Object.assign(new Error("not a plain file"), { code: "EISDIR" })
    return readFileSync(path)
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return null
    throw error
  }
}

/**
 * Replaces a text file atomically, flushed; its mode is kept, and a link stays a link. A new file gets `mode`.
 * `expected`: the content the file must still have (null: must not exist); otherwise nothing is written and false is
 * returned.
 */
export async function replaceTextFile(
  path: string,
  text: string,
  options: { readonly expected: string | null; readonly mode: number; readonly encoding?: Encoding },
): Promise<boolean> {
  const there = lstatSync(path, { throwIfNoEntry: false })
  const place = there?.isSymbolicLink() ? realpathSync(path) : path
  makeFolders(dirname(place), false)
  const staged = `${dirname(place)}/.${basename(place)}.${process.pid}.tmp`
  discard(staged)
  const fd = createFile(staged)
  try {
    writeAll(fd, Buffer.from(text, options.encoding), 0)
    await flushFile(fd)
    closeFile(fd)
    chmodSync(staged, there === undefined ? options.mode : statSync(place).mode & 0o7777)
    if (!hasContent(place, options.expected, options.encoding)) return false
    renameSync(staged, place)
    flushFolder(dirname(place))
    return true
  } finally {
    discard(staged)
  }
}

/**
 * Writes or replaces a small document in a folder of our own, 0600: a reader sees the old one or the new one,
 * whole. Without `flush` it may be lost in a power cut. Throws the system's own error.
 */
export async function replaceDocument(
  path: string,
  text: string,
  { flush }: { readonly flush: boolean },
): Promise<void> {
  const staged = `${dirname(path)}/.${randomBytes(4).toString("hex")}.tmp`
  try {
    const fd = createFile(staged)
    try {
      writeAll(fd, Buffer.from(text), 0)
      if (flush) await flushFile(fd)
    } finally {
      closeFile(fd)
    }
    replaceFile(staged, path)
  } catch (error) {
    discard(staged)
    throw error
  }
}

/** Adds a line to a log of our own, 0600, flushed. Throws the system's own error. */
export async function appendLine(path: string, line: string): Promise<void> {
  makeFolders(dirname(path), false)
  const fd = openSync(
    path,
    constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NOFOLLOW,
    0o600,
  )
  try {
    writeSync(fd, `${line}\n`)
    giveToHome(fd, path)
    await flushFile(fd)
  } finally {
    closeSync(fd)
  }
}

/** Removes a file that holds exactly `expected`; false when its content is different. */
export function removeTextFile(path: string, expected: string, encoding: Encoding = "utf8"): boolean {
  if (!hasContent(path, expected, encoding)) return false
  removeFile(path)
  return true
}

/** Removes a folder and those above it, up to `home` and without it, as long as they are empty. */
export function removeEmptyFolders(path: string, home: string): void {
  for (let each = path; each.startsWith(`${home}/`); each = dirname(each)) {
    try {
      rmdirSync(each)
    } catch (error) {
      if (errnoOf(error) !== "ENOENT") return // not empty, or a link
    }
  }
}

/** Removes a folder if it is empty. */
export function removeFolderIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // not empty, a link, or missing
  }
}

/**
 * Appends a line to a log, mode 0600. Above `limit` bytes the log is renamed to `….1`, which replaces the previous
 * one: both together take at most about twice `limit`.
 */
export function appendLogLine(path: string, line: string, limit: number): void {
  makeFolders(dirname(path), false)
  const fd = openSync(path, "a", 0o600)
  try {
    giveToHome(fd, path)
    writeSync(fd, `${line}\n`)
    if (fstatSync(fd).size > limit) renameSync(path, `${path}.1`)
  } finally {
    closeSync(fd)
  }
}
