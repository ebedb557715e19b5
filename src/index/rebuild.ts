import { dirname } from "node:path"
import { RescueError } from "../domain/errors.ts"
import { makeFolders } from "../system/fs/durable.ts"
import { withWriteErrors } from "../system/fs/io-errors.ts"
import { toDatabaseError } from "../system/sqlite/errors.ts"
import { acquireFileLock } from "../system/sqlite/file-lock.ts"
import { moveDatabase, removeDatabase } from "../system/sqlite/files.ts"
import { setIndexAside } from "./open.ts"
import { IndexWriter } from "./writer.ts"

/**
 * Builds a new index next to the old one, which stays in use until it is replaced. The old index remains when `fill`
 * fails or another run is rebuilding. `kept`: new name of the old index, which may be the only file with records
 * that were deleted everywhere else.
 */
export async function rebuildIndex<T>(
  path: string,
  fill: (index: IndexWriter) => Promise<T>,
): Promise<{ readonly result: T; readonly kept: string | null }> {
  const beside = `${path}.new`
  withWriteErrors(dirname(path), () => makeFolders(dirname(path), false))
  const release = acquireFileLock(`${beside}.lock`)
  if (release === null) {
    const message = `another run is rebuilding the index at ${path}`
    throw new RescueError("CANNOT_WRITE", message, "wait for it to end, then try again")
  }
  try {
    removeDatabase(beside)
    const index = new IndexWriter(beside, () => {})
    try {
      const result = await fill(index)
      index.close()
      const kept = setIndexAside(path)
      moveDatabase(beside, path)
      return { result, kept }
    } catch (error) {
      index.discard()
      removeDatabase(beside)
      throw toDatabaseError(error, path)
    }
  } finally {
    release()
  }
}
