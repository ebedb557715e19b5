import type { DiskPath } from "../session/disk-path.ts"
import { RescueError } from "../session/errors.ts"
import type { SavedExport } from "../session/export.ts"
import { placeInHome, type Recorded } from "../session/place.ts"
import type { Root } from "./restore-root.ts"

/**
 * Where in the client's home a recorded file goes, filed anew where that is wanted. Throws DAMAGED when that is no place
 * of the session.
 */
export function placeOf(saved: SavedExport, recorded: Recorded, { id, plugin, folder }: Root): DiskPath {
  const place = placeInHome(recorded, saved.manifest.session.home)
  const why =
    place === null
      ? "leads out of the client's home, or contradicts itself"
      : plugin?.mayHold?.(recorded.relative, id, recorded.tie) === false
        ? "is no place of that session"
        : null
  const filed = place === null || folder === null ? place : (plugin?.refiled?.(place, id, folder) ?? place)
  if (filed !== null && why === null) return filed // safety: restore-own-place
  throw new RescueError(
    "DAMAGED",
    `${saved.manifestPath} names ${JSON.stringify(recorded.relative)}, which ${why}: nothing was written`,
    "look at that manifest by hand; --to /some/folder unpacks what stays below it",
  )
}
