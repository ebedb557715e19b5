import { databaseError, removeDatabase, replaceDatabase } from "../system/database.ts"
import { IndexWriter } from "./write.ts"

/**
 * Makes an index anew beside the old one, which stays whole and in use until the new one takes its place; when
 * `fill` fails, it stays for good.
 */
export async function rebuildIndex<T>(path: string, fill: (index: IndexWriter) => Promise<T>): Promise<T> {
  const beside = `${path}.new`
  removeDatabase(beside)
  const index = new IndexWriter(beside, () => {})
  try {
    const result = await fill(index)
    index.close()
    replaceDatabase(path, beside)
    return result
  } catch (error) {
    index.abandon()
    removeDatabase(beside)
    throw databaseError(error, path)
  }
}
