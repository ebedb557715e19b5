import { totalBytes } from "../../domain/export/recorded-path.ts"
import { everyFolders } from "../../rescue/catalog/folders.ts"
import { listNames } from "../../rescue/catalog/name-index.ts"
import { readSavedExports } from "../../rescue/catalog/saved-exports.ts"
import type { Paths } from "../../system/config/paths.ts"
import { inspectDir } from "../../system/fs/list-dir.ts"

/** Below this share the disk's last space is its user's. */
const minFreeShare = 0.05

/** Why a copy that nobody asked for is not made: the disk is nearly full, or unprocessed copies take what config.toml allows. */
export type NoRoom = "no space" | "limit"

export function reasonNotToCopy(session: Wanted, room: Room): NoRoom | null {
  try {
    return whatLacks(session, room)
  } catch {
    return null // a folder that cannot be examined: the copy is tried, and says what is wrong
  }
}

interface Wanted {
  readonly id: string
  readonly sizeBytes: number
}

interface Room {
  readonly paths: Pick<Paths, "data">
  readonly maxBytes: number
}

function whatLacks(session: Wanted, { paths, maxBytes }: Room): NoRoom | null {
  const { freeBytes, totalBytes: disk } = inspectDir(paths.data)
  if (freeBytes !== null && disk !== null && freeBytes - session.sizeBytes < disk * minFreeShare)
    return "no space" // safety: watch-space
  // its own older copies make room for the new one
  return unprocessedBytes(paths, session.id) + session.sizeBytes > maxBytes ? "limit" : null // safety: watch-limit
}

/** What unprocessed copies take, without those of one session. */
export function unprocessedBytes({ data }: Pick<Paths, "data">, except: string | null = null): number {
  let taken = 0
  for (const { pending, archive } of everyFolders(data)) {
    const names = { ...listNames(pending, archive), archive: [] }
    for (const { manifest } of readSavedExports(pending, archive, names).each(new Set()))
      if (manifest.session.id !== except) taken += totalBytes(manifest)
  }
  return taken
}
