import {
  chmodSync,
  closeSync,
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
  writeAll,
} from "./durable.ts"
import { giveToHome } from "./home-owner.ts"

/** Small text files that are written for a person or a client, not exports. */

/** `latin1` is any text byte for byte: what of it is not looked at may be written in whatever encoding it is. */
type Encoding = "utf8" | "latin1"

/** The whole text; null when there is no such file. Throws the system's error, or one for what is no plain file. */
export function readTextFile(path: string, encoding: Encoding = "utf8"): string | null {
  return readBytes(path)?.toString(encoding) ?? null
}

/** Whether the file holds exactly this text. One that is no UTF-8 never does: what was read of it is not all of it. */
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
 * Puts a text in a file's place in one step, flushed; its mode stays, and a link stays a link. A file that is not
 * there yet gets `mode`. `expected` is what it has to hold still (null: not exist), or nothing is written and the
 * answer is false.
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

/** Removes a file that holds exactly `expected`; false when it does not any more. */
export function removeTextFile(path: string, expected: string): boolean {
  if (!hasContent(path, expected)) return false
  removeFile(path)
  return true
}

/** Removes a folder if nothing is in it. */
export function removeFolderIfEmpty(path: string): void {
  try {
    rmdirSync(path)
  } catch {
    // something is in it, or it is a link, or not there
  }
}

/**
 * Adds a line to a log, 0600. Above `limit` bytes the log is put aside under `….1`, in the place of the one before:
 * it never takes more than twice that.
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
