import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import { publishFile, removeFile } from "../../system/fs/durable.ts"
import { exchangeFiles } from "../../system/fs/exchange.ts"
import { statTarget, type Target } from "./target.ts"

/** Gives a verified temporary file its name. Throws `REFUSED` when the existing file is not the one that was looked at. */
export async function publishRestored(target: Target, temporary: DiskPath): Promise<void> {
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
