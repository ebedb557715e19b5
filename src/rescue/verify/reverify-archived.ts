import type { DiskPath } from "../../domain/disk-path.ts"
import { isRescueError } from "../../domain/errors.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { breathe, type Pace } from "../io/progress.ts"
import { closeSource, fateOf, openSource } from "../io/source-file.ts"
import type { Rechecked } from "./reverify.ts"
import { proveFile } from "./verify-archived.ts"

/**
 * The same as `recheck`, for a file that an archiver made something of: it is decoded, and compared with the source
 * byte for byte. Any other answer is a sentence: why it cannot be decoded here (its archiver is missing).
 */
export async function recheckArchived(
  source: DiskPath,
  file: ManifestFile,
  decode: () => AsyncIterable<Uint8Array>,
  withMd5: boolean,
  pace: Pace,
): Promise<Rechecked | "changed" | "damaged" | string> {
  await breathe(pace)
  let theirs: ReturnType<typeof openSource>
  try {
    theirs = openSource(source)
  } catch {
    return "changed" // the copying will say what is wrong with it
  }
  try {
    if (theirs.length !== file.length) return "changed"
    const { same, md5 } = await proveFile(file, decode(), theirs, withMd5, pace)
    const fate = fateOf(theirs)
    if (!same || fate === "replaced" || fate === "shrunk") return "changed"
    const { path, length, device, inode, changedAt } = theirs
    return { md5, source: { source: path, length, device, inode, changedAt } }
  } catch (error) {
    if (!isRescueError(error) || error.code === "INTERRUPTED") throw error
    if (error.code === "PLUGIN_FAILED") return error.message
    return error.code === "DAMAGED" ? "damaged" : "changed" // what else can fail is reading the source
  } finally {
    closeSource(theirs)
  }
}
