import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { errnoOf, type RescueError } from "../../domain/errors.ts"
import { toReadError } from "../../system/fs/io-errors.ts"

const sourceErrors = new WeakSet<RescueError>()

/** Converts a system error to an error of this source file, as opposed to the copy's. */
export function toSourceError(error: unknown, path: DiskPath): RescueError {
  const trouble = toReadError(error, path)
  if (!isTooManyOpenFiles(trouble)) sourceErrors.add(trouble)
  return trouble
}

/** Whether only this file cannot be read, so that all others can still be saved. */
export function isSourceError(error: unknown): error is RescueError {
  return sourceErrors.has(error as RescueError)
}

/** The same in a few words, for manifests and messages: `it may not be read`. */
export function describeSourceError(trouble: RescueError, path: DiskPath): string {
  const shown = `${showPath(path)} `
  return trouble.message.startsWith(shown) ? `it ${trouble.message.slice(shown.length)}` : trouble.message
}

/** Whether too many files are open, which says nothing about this file. */
export function isTooManyOpenFiles({ cause }: RescueError): boolean {
  return ["EMFILE", "ENFILE"].includes(errnoOf(cause))
}
