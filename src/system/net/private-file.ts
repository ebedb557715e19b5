import { lstatSync, statSync } from "node:fs"

/** Whether nobody but its owner may read or write the file. */
export function isPrivateFile(path: string): boolean {
  const stat = statSync(path, { throwIfNoEntry: false })
  return stat?.isFile() === true && (stat.mode & 0o077) === 0
}

/** Whether it is the user's own, and nobody else can enter it. */
export function isPrivateFolder(path: string): boolean {
  const stat = lstatSync(path, { throwIfNoEntry: false })
  return stat?.isDirectory() === true && stat.uid === process.getuid?.() && (stat.mode & 0o077) === 0
}
