import { closeSync, constants, fchownSync, openSync, statSync } from "node:fs"
import { type DiskPath, parentPath } from "../../domain/disk-path.ts"
import { userHome } from "../config/paths.ts"
import { fsPath } from "./files.ts"

interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Root in somebody else's home (sudo that keeps HOME, a container that mounts one): what is made in that person's
 * folders is given to them, or neither they nor their client could read it. For everybody else this does nothing.
 */
export function giveToHome(fd: number, path: DiskPath): void {
  const owner = homeOwner()
  if (owner === null) return
  try {
    if (statSync(fsPath(parentPath(path))).uid === owner.uid) fchownSync(fd, owner.uid, owner.gid)
  } catch {
    // a network disk, or one without owners, gives nothing away: it stays root's
  }
}

/** The same for a folder: one that is none any more is left alone. */
export function giveFolderToHome(path: DiskPath): void {
  if (homeOwner() === null) return
  try {
    const fd = openSync(fsPath(path), constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW)
    try {
      giveToHome(fd, path)
    } finally {
      closeSync(fd)
    }
  } catch {
    // it will be missed where it is needed
  }
}

let known: Owner | null | undefined

/** null unless this is root and the home is not root's own. */
function homeOwner(): Owner | null {
  if (known === undefined) known = process.getuid?.() === 0 ? ownerOf(userHome()) : null
  return known
}

function ownerOf(home: string): Owner | null {
  try {
    const { uid, gid } = statSync(home)
    return uid === 0 ? null : { uid, gid }
  } catch {
    return null
  }
}
