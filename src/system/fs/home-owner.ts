import { closeSync, constants, fchownSync, openSync, statSync } from "node:fs"
import { type DiskPath, parentPath } from "../../domain/disk-path.ts"
import { userHome } from "../config/paths.ts"
import { fsPath } from "./files.ts"

interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * For root in another user's home (sudo that keeps HOME, a container that mounts one): files created in that user's
 * folders are given to that user; otherwise neither the user nor the client could read them. No effect without root.
 */
export function giveToHome(fd: number, path: DiskPath): void {
  const owner = homeOwner()
  if (owner === null) return
  try {
    if (statSync(fsPath(parentPath(path))).uid === owner.uid) fchownSync(fd, owner.uid, owner.gid)
  } catch {
    // a network filesystem, or one without owners, refuses: the file stays root's
  }
}

/** The same for a folder; does nothing if it is no longer a folder. */
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
    // an error will surface where the folder is used
  }
}

let known: Owner | null | undefined

/** null unless this is root and the home belongs to another user. */
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
