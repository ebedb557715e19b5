import { lstatSync } from "node:fs"
import { errnoOf } from "../../domain/errors.ts"
import type { Exported } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import { digestFile } from "../io/digest.ts"

/** State of an export's files by path, sufficient to detect whether one was touched since. */
export type FileStates = ReadonlyMap<string, FileState>

interface FileState {
  /** Changes with every write, rename and change of owner, and cannot be set back. */
  readonly statKey: string
  /** Does not change with a rename or change of owner alone. */
  readonly contentKey: string
}

export function recordFileStates(exported: Exported): FileStates {
  const paths = exported.files.map((file) => file.path)
  if (exported.manifestPath !== null) paths.push(exported.manifestPath)
  return new Map(paths.map((path) => [path, stateOf(path)]))
}

/**
 * Describes the files that have changed; empty when none has. Untouched files are trusted; the others are read whole
 * and compared with the checksum in the manifest. A file without a checksum counts as changed if it was written to.
 */
export async function findChanges(
  exported: Exported,
  before: FileStates,
  progress: Progress,
): Promise<readonly string[]> {
  const changed: string[] = []
  for (const [path, look] of before) {
    const now = stateOf(path)
    if (now.statKey === look.statKey) continue
    const sha256 = exported.files.find((each) => each.path === path)?.sha256 ?? null
    const same =
      sha256 === null ? now.contentKey === look.contentKey : (await digestFile(path, progress)) === sha256
    if (now.statKey === gone) changed.push(`${path} was removed`)
    else if (!same) changed.push(`${path} was changed`)
  }
  return changed
}

const gone = "gone"

function stateOf(path: string): FileState {
  try {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) return { statKey: gone, contentKey: gone }
    const contentKey = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`
    return { statKey: `${contentKey}:${stat.ctimeNs}`, contentKey }
  } catch (error) {
    const how = errnoOf(error) === "ENOTDIR" ? gone : String(error)
    return { statKey: how, contentKey: how }
  }
}
