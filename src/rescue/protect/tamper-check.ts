import { lstatSync } from "node:fs"
import type { Exported } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import { readTrouble } from "../../system/fs/io-errors.ts"
import { fill } from "../../system/fs/read-fully.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { stepBytes } from "../io/chunk-sizes.ts"
import { closeSource, openSource } from "../io/source-file.ts"

/** What the files of an export looked like, by path: enough to tell whether anybody touched one since. */
export type Looks = ReadonlyMap<string, Look>

interface Look {
  /** Moves with every write, new name and new owner, and cannot be set back. */
  readonly touched: string
  /** What a new name or owner alone leaves as it is. */
  readonly written: string
}

export function lookAtExport(exported: Exported): Looks {
  const paths = exported.files.map((file) => file.path)
  if (exported.manifestPath !== null) paths.push(exported.manifestPath)
  return new Map(paths.map((path) => [path, lookOf(path)]))
}

/**
 * What is not as it was, in words; empty when all is. Files that nobody touched are believed; the others are read
 * whole and compared with the checksum that the manifest has for them. Of one without a checksum it counts whether
 * it was written.
 */
export async function whatChanged(
  exported: Exported,
  before: Looks,
  progress: Progress,
): Promise<readonly string[]> {
  const changed: string[] = []
  for (const [path, look] of before) {
    const now = lookOf(path)
    if (now.touched === look.touched) continue
    const sha256 = exported.files.find((each) => each.path === path)?.sha256 ?? null
    const same = sha256 === null ? now.written === look.written : (await sha256Of(path, progress)) === sha256
    if (now.touched === gone) changed.push(`${path} is gone`)
    else if (!same) changed.push(`${path} was changed`)
  }
  return changed
}

const gone = "gone"

function lookOf(path: string): Look {
  try {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false })
    if (stat === undefined) return { touched: gone, written: gone }
    const written = `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}`
    return { touched: `${written}:${stat.ctimeNs}`, written }
  } catch (error) {
    const how = (error as NodeJS.ErrnoException).code === "ENOTDIR" ? gone : String(error)
    return { touched: how, written: how }
  }
}

/** null where it cannot be read any more. */
async function sha256Of(path: string, progress: Progress): Promise<string | null> {
  const hasher = new Bun.CryptoHasher("sha256")
  try {
    const source = openSource(path)
    try {
      const room = Buffer.allocUnsafe(stepBytes)
      for (let offset = 0; ; ) {
        const count = fill(source.fd, room, offset)
        if (count === 0) return hasher.digest("hex")
        hasher.update(room.subarray(0, count))
        offset += count
        if (offset % (16 << 20) === 0) await checkpoint(progress)
      }
    } finally {
      closeSource(source)
    }
  } catch (error) {
    if (readTrouble(error, path).code === "INTERRUPTED") throw error
    return null
  }
}
