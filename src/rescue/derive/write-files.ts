import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { safePathParts } from "../../domain/export/recorded-path.ts"
import { closeFile, createFile, flushFile, makeFolders, writeAll } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { readRegularFile } from "../catalog/export-files.ts"

/** Copies plain files into a folder of the person's own, each under a path below it. Nothing there is replaced. */
export async function writeFilesBelow(
  folder: string,
  files: readonly { readonly from: string; readonly relative: string }[],
): Promise<readonly string[]> {
  const written: string[] = []
  for (const { from, relative } of files) {
    // safety: kept-files-inside
    if (safePathParts(relative) === null)
      throw new RescueError(
        "DAMAGED",
        `${relative} leads out of ${folder}`,
        "it was not written; inspect the session",
      )
    const path = `${folder}/${relative}`
    try {
      makeFolders(dirname(path), false)
      const fd = createFile(path)
      try {
        let at = 0
        for await (const bytes of readRegularFile(from)) {
          writeAll(fd, bytes, at)
          at += bytes.length
        }
        await flushFile(fd)
      } finally {
        closeFile(fd)
      }
    } catch (error) {
      throw toWriteError(error, path, "give an empty folder: --to /some/folder")
    }
    written.push(path)
  }
  return written
}
