import { dirname } from "node:path"
import { RescueError } from "../session/errors.ts"
import { moveDatabase, removeDatabase } from "../system/database-files.ts"
import { holdGate } from "../system/database-gate.ts"
import { databaseError } from "../system/database-trouble.ts"
import { makeFolders } from "../system/durable.ts"
import { writing } from "../system/trouble.ts"
import { setIndexAside } from "./open.ts"
import { IndexWriter } from "./write.ts"

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
  writing(dirname(path), () => makeFolders(dirname(path), false))
  const letGo = holdGate(`${beside}.lock`)
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
      index.abandon()
      removeDatabase(beside)
      throw databaseError(error, path)
    }
  } finally {
    letGo()
  }
}
