import { lstatSync, statSync } from "node:fs"
import { dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { flushFolder, makeFolder, makeFolders } from "../../system/fs/durable.ts"
import { withWriteErrors } from "../../system/fs/io-errors.ts"
import { assertPrivateDir } from "../io/private-dir.ts"

/**
 * The archive folder may be a link to a larger disk; its target must be a folder that nobody else can write to.
 * Throws when it is not, or when it cannot be created.
 */
export function prepareArchive(archive: string): void {
  const stat = withWriteErrors(archive, () => {
    makeFolders(dirname(archive), true)
    if (lstatSync(archive, { throwIfNoEntry: false }) === undefined) {
      makeFolder(archive)
      flushFolder(dirname(archive))
    }
    return statSync(archive, { throwIfNoEntry: false })
  })
  assertPrivateDir(
    archive,
    stat,
    "is not a folder, or a link that leads nowhere",
    "exports stay where they are",
  )
}

/** Creates the folders of `path` below `root`, none of which may be a link. Returns them, deepest first. */
export function makeFoldersBelow(root: string, path: string): readonly string[] {
  if (path === "." || path === "") return []
  const above = makeFoldersBelow(root, dirname(path))
  const folder = `${root}/${path}`
  withWriteErrors(folder, () => makeFolder(folder))
  // safety: archive-no-links
  if (lstatSync(folder, { throwIfNoEntry: false })?.isDirectory() !== true) {
    throw new RescueError(
      "CANNOT_WRITE",
      `${folder} is in the way: it is not a folder`,
      "move it elsewhere first",
    )
  }
  return [folder, ...above]
}

export function notFlushed(folder: string): RescueError {
  const message = `${folder} could not be flushed to the disk, so an archive there may not survive a power cut`
  return new RescueError(
    "CANNOT_WRITE",
    message,
    "the export stays as it is; try again, or archive elsewhere",
  )
}
