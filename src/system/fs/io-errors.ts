import { statfsSync } from "node:fs"
import { dirname } from "node:path"
import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { type ErrorCode, errnoOf, isRescueError, RescueError } from "../../domain/errors.ts"
import { singleQuote } from "../../domain/shell-quote.ts"

/** Converts a system error to the error of a file that could not be read. */
export function toReadError(error: unknown, path: DiskPath): RescueError {
  if (isRescueError(error)) return error
  const code = errno(error)
  const shown = showPath(path)
  const make = (kind: ErrorCode, says: string, hint: string) =>
    new RescueError(kind, `${shown} ${says}`, hint, { cause: error })
  switch (code) {
    case "ENOENT":
    case "ENOTDIR":
    case "ESTALE":
      return make(
        "SOURCE_GONE",
        "vanished before it could be read",
        "look again with: session-rescue --status",
      )
    case "ELOOP":
      return make(
        "SOURCE_IS_LINK",
        "is a link, and links inside a session are not followed",
        "copy its target yourself",
      )
    case "EACCES":
    case "EPERM":
      return make("NO_PERMISSION", "may not be read", `make it readable: chmod u+r ${singleQuote(shown)}`)
    case "ENXIO":
      return make("SOURCE_NOT_REGULAR", "is not a plain file", "nothing of it can be saved")
    case "EMFILE":
    case "ENFILE":
      return make("CANNOT_READ", `cannot be read (${code}: too many open files)`, "raise ulimit -n")
    default:
      return make(
        "CANNOT_READ",
        `cannot be read (${code})`,
        "try again; if it stays so, the disk may be failing",
      )
  }
}

/** Converts a system error to the error of a path that could not be written; `elsewhere`: how to choose another. */
export function toWriteError(
  error: unknown,
  path: string,
  elsewhere = "save to another place with: --data-dir /some/other/folder",
): RescueError {
  if (isRescueError(error)) return error
  const code = errno(error)
  const make = (kind: ErrorCode, message: string, hint: string) =>
    new RescueError(kind, message, hint, { cause: error })
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return make(
        "DISK_FULL",
        `no space left for ${path}${freeSpace(path)}`,
        `free some space, or ${elsewhere}`,
      )
    case "EACCES":
    case "EPERM":
      return make("NO_PERMISSION", `${path} may not be written`, elsewhere)
    case "EROFS":
      return make("READ_ONLY", `${path} is on a read-only filesystem`, elsewhere)
    case "EFBIG":
      return make(
        "FILE_TOO_LARGE",
        `${path} would be larger than allowed here`,
        `raise ulimit -f, or ${elsewhere}`,
      )
    case "EMFILE":
    case "ENFILE":
      return make(
        "CANNOT_WRITE",
        `${path} cannot be written (${code}: too many open files)`,
        "raise ulimit -n",
      )
    default:
      return make("CANNOT_WRITE", `${path} cannot be written (${code})`, elsewhere)
  }
}

/** Runs `act` and converts its errors to write errors. */
export function withWriteErrors<T>(path: string, act: () => T): T {
  try {
    return act()
  } catch (error) {
    throw toWriteError(error, path)
  }
}

function errno(error: unknown): string {
  return errnoOf(error) || String((error as Error)?.message ?? error)
}

function freeSpace(path: string): string {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    try {
      const { bavail, bsize } = statfsSync(folder)
      return ` (free: ${Math.floor((bavail * bsize) / 1e6)} MB)`
    } catch {
      if (folder === "/" || folder === ".") return ""
    }
  }
}
