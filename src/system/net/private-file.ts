import { statSync } from "node:fs"

/** Whether nobody but its owner may read or write the file. */
export function isPrivateFile(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true && (stat.mode & 0o077) === 0
}
