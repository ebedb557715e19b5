import { moveDatabase, removeDatabase } from "../system/database-files.ts"
import { databaseError } from "../system/database-trouble.ts"
import { setIndexAside } from "./open.ts"
import { IndexWriter } from "./write.ts"

/**
 * Makes an index anew beside the old one, which stays whole and in use until the new one takes its place; when
 * `fill` fails, it stays for good. `kept` is the name it has after that: what no file holds any more is only there.
 */
export async function rebuildIndex<T>(
  path: string,
  fill: (index: IndexWriter) => Promise<T>,
): Promise<{ readonly result: T; readonly kept: string | null }> {
  const beside = `${path}.new`
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
}
