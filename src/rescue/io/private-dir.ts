import type { Stats } from "node:fs"
import { RescueError } from "../../domain/errors.ts"
import { singleQuote } from "../../domain/shell-quote.ts"

/**
 * Throws unless the path is a folder that nobody else can write to. `noFolder`: the message when it is not a folder;
 * `instead`: the alternative named in the hint.
 */
export function assertPrivateDir(
  path: string,
  stat: Stats | undefined,
  noFolder: string,
  instead: string,
): void {
  const uid = process.getuid?.() ?? 0
  const unsafe = (why: string, fix: string) =>
    new RescueError("UNSAFE_FOLDER", `${path} ${why}`, `${fix}; ${instead}`)
  // safety: own-folder-link
  if (stat?.isDirectory() !== true) throw unsafe(noFolder, "move it elsewhere")
  // safety: own-folder-owner
  if (stat.uid !== uid && uid !== 0)
    throw unsafe("belongs to another user", `hand it over, as root: chown -R ${uid} ${singleQuote(path)}`)
  // safety: own-folder-open
  if ((stat.mode & 0o002) !== 0) throw unsafe("can be written by everybody", `chmod 700 ${singleQuote(path)}`)
}
