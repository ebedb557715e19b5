import { lstatSync, readFileSync } from "node:fs"
import { RescueError } from "../../domain/errors.ts"
import { replaceTextFile } from "../../system/fs/config-files.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { checksumOf } from "./rendering.ts"

const privateMode = 0o600
const seal = /<!-- session-rescue ([0-9a-f]{64}) -->\n$/

/**
 * Writes the list of renderings, `index.html`. Its last line holds the checksum of what is before it: only a file that
 * nobody has changed since is replaced.
 */
export async function writeListFile(path: string, html: string): Promise<void> {
  const text = `${html}<!-- session-rescue ${checksumOf(html)} -->\n`
  try {
    const there = lstatSync(path, { throwIfNoEntry: false })
    const expected = there === undefined ? null : readFileSync(path, "utf8")
    // safety: list-ours
    if (expected !== null && (!there?.isFile() || !isSealed(expected))) throw taken(path)
    if (await replaceTextFile(path, text, { expected, mode: privateMode })) return
    throw taken(path)
  } catch (error) {
    throw toWriteError(error, path)
  }
}

function isSealed(text: string): boolean {
  const found = seal.exec(text)
  return found !== null && checksumOf(text.slice(0, found.index)) === found[1]
}

function taken(path: string): RescueError {
  return new RescueError(
    "REFUSED",
    `${path} exists and is not, or no longer, what render wrote`,
    "move it away, or render without --index",
  )
}
