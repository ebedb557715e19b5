import { RescueError } from "../../domain/errors.ts"
import { parseExportName, type SavedExport } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFile,
  flushFolder,
  makeFolders,
  publishFolder,
  writeAll,
} from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { readPending } from "../catalog/saved-exports.ts"
import { digestStream } from "../io/digest.ts"
import { readPack } from "./read-pack.ts"
import { damagedPack } from "./tar.ts"

/** Reads a pack whole and checks every sum; writes nothing. Returns the names of its files. */
export async function checkPack(path: string, progress: Progress): Promise<readonly string[]> {
  const names: string[] = []
  for await (const file of readPack(path)) {
    const found = await digestStream(file.bytes(), file.size, false, progress)
    if (found.sha256 !== file.sha256) throw damagedPack(`${file.name} does not match its sum`)
    names.push(file.name)
  }
  return names
}

/**
 * Writes the exports of a pack into a new folder, which gets its name only when all of it is there and every sum is
 * right.
 */
export async function unpackExports(
  path: string,
  folder: string,
  progress: Progress,
): Promise<readonly SavedExport[]> {
  const staged = `${folder}.${crypto.randomUUID()}.tmp`
  try {
    const names = await writeAllFiles(path, staged, progress)
    if (publishFolder(staged, folder) === "taken")
      throw new RescueError("REFUSED", `${folder} exists already`, "run it again")
    flushFolder(folder)
    return names.flatMap((name) => {
      const saved = readPending(folder, name)
      if (saved === null) throw damagedPack(`the export ${name} is not complete`)
      return [saved]
    })
  } catch (error) {
    throw toWriteError(error, folder)
  } finally {
    discard(staged)
  }
}

/** Returns the names of the exports. */
async function writeAllFiles(path: string, staged: string, progress: Progress): Promise<readonly string[]> {
  const folders = new Set<string>()
  const exports = new Set<string>()
  for await (const { name, size, sha256, bytes } of readPack(path)) {
    const target = `${staged}/${name}`
    const folder = target.slice(0, target.lastIndexOf("/"))
    makeFolders(folder, false)
    folders.add(folder)
    const fd = createFile(target)
    try {
      const found = await digestStream(bytes(), size, false, progress, (chunk, at) => writeAll(fd, chunk, at))
      // safety: unpack-sum
      if (found.sha256 !== sha256) throw damagedPack(`${name} does not match its sum`)
      await flushFile(fd)
    } finally {
      closeFile(fd)
    }
    const base = name.replace(/\.jsonl$/, "")
    if (base !== name && parseExportName(base) !== null) exports.add(base)
  }
  for (const each of folders) flushFolder(each)
  return [...exports]
}
