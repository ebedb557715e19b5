import { closeSync, constants, fchownSync, openSync, statSync } from "node:fs"
import { type DiskPath, parentPath } from "../session/disk-path.ts"
import { native } from "./files.ts"
import { userHome } from "./paths.ts"

interface Owner {
  readonly uid: number
  readonly gid: number
}

/** null: the home is root's own. */
let known: Owner | null | undefined

/**
 * Root in somebody else's home (sudo that keeps HOME, a container that mounts one): what is made in that person's
 * folders is given to them, or neither they nor their client could read it. For everybody else this does nothing.
 */
export function giveToHome(fd: number, path: DiskPath): void {
  if (process.getuid?.() !== 0) return
  try {
    if (known === undefined) known = homeOwner()
    if (known === null || statSync(native(parentPath(path))).uid !== known.uid) return
    fchownSync(fd, known.uid, known.gid)
  } catch {
    // a network disk, or one without owners, gives nothing away: it stays root's
  }
}

/** The same for a folder: one that is none any more is left alone. */
export function giveFolderToHome(path: DiskPath): void {
  if (process.getuid?.() !== 0) return
  try {
    const fd = openSync(native(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    try {
      giveToHome(fd, path)
    } finally {
      closeSync(fd)
    }
  } catch {
    // it will be missed where it is needed
  }
}

function homeOwner(): Owner | null {
  const { uid, gid } = statSync(userHome())
  return uid === 0 ? null : { uid, gid }
}
