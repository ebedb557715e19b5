import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { errnoOf, type RescueError } from "../../domain/errors.ts"
import { toReadError } from "../../system/fs/io-errors.ts"

const sourceErrors = new WeakSet<RescueError>()

/** What the system's error means for a file that was to be saved: of that file alone, and no fault of the copy's. */
export function toSourceError(error: unknown, path: DiskPath): RescueError {
  const trouble = toReadError(error, path)
  if (!isTooManyOpenFiles(trouble)) sourceErrors.add(trouble)
  return trouble
}

/** Whether it is this one file that cannot be read, so that all others can still be saved. */
export function isSourceError(error: unknown): error is RescueError {
  return sourceErrors.has(error as RescueError)
}

/** The same in a few words, for a manifest and for people: `it may not be read`. */
export function describeSourceError(trouble: RescueError, path: DiskPath): string {
  const shown = `${showPath(path)} `
  return trouble.message.startsWith(shown) ? `it ${trouble.message.slice(shown.length)}` : trouble.message
}

/** Too many files are open: that says nothing about this one. */
export function isTooManyOpenFiles({ cause }: RescueError): boolean {
  return ["EMFILE", "ENFILE"].includes(errnoOf(cause))
}
