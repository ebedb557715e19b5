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
 * Makes an index anew beside the old one, which stays whole and in use until the new one takes its place; when
 * `fill` fails, it stays for good; so it does while another run is at the same. `kept` is the name it has after that:
 * what no file holds any more is only there.
 */
export async function rebuildIndex<T>(
  path: string,
  fill: (index: IndexWriter) => Promise<T>,
): Promise<{ readonly result: T; readonly kept: string | null }> {
  const beside = `${path}.new`
  withWriteErrors(dirname(path), () => makeFolders(dirname(path), false))
  const letGo = acquireFileLock(`${beside}.lock`)
  if (letGo === null) {
    const message = `another run is just making the index at ${path} anew`
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
    letGo()
  }
}
