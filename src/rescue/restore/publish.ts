import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { publishFile, removeFile } from "../../system/fs/durable.ts"
import { exchangeFiles } from "../../system/fs/exchange.ts"
import { restoreRows } from "../rows/restore-rows.ts"
import { statTarget, type Target } from "./target.ts"
import { tempFileIn } from "./temp-file.ts"

/** Gives a verified temporary file its name; rows it holds are added to their database, never over one that is there. */
export async function putInPlace(
  { file, target, temporary }: { file: ManifestFile; target: Target; temporary: DiskPath },
  { manifest }: SavedExport,
  force: boolean,
): Promise<void> {
  if (file.rows === undefined) return publishRestored(target, temporary)
  const build = showPath(await tempFileIn(target.folders.at(-1) ?? "", manifest.session.id))
  await restoreRows(showPath(target.path), { file: temporary, build, session: file.rows, force })
}

/** Gives a verified temporary file its name. Throws `REFUSED` when the existing file is not the one that was looked at. */
async function publishRestored(target: Target, temporary: DiskPath): Promise<void> {
  const { path, present } = target
  if (present === null) {
    if ((await publishFile(temporary, path)) === "taken") throw changedSince(path)
    removeFile(temporary)
    return
  }
  // safety: restore-as-looked-at
  if (!isSame(statTarget(path), present)) throw changedSince(path)
  if ((await exchangeFiles(temporary, path)) === "replaced") return
  // the file that was there is held now, whatever came between the look and the exchange
  if (isSame(statTarget(temporary), present)) return
  await exchangeFiles(temporary, path)
  throw changedSince(path)
}

/** ctime is not compared: the exchange itself changes it. */
function isSame(now: ReturnType<typeof statTarget>, then: NonNullable<Target["present"]>): boolean {
  return (
    now?.dev === then.dev && now.ino === then.ino && now.size === then.size && now.mtimeNs === then.mtimeNs
  )
}

function changedSince(path: DiskPath): RescueError {
  const message = `${showPath(path)} was created or changed in the meantime, and was left as it is`
  return new RescueError(
    "REFUSED",
    message,
    "see what writes there: session-rescue --status, then run it again",
  )
}
