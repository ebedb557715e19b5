import { type DiskPath, pathKey } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { placeInHome, type Recorded } from "../../domain/export/recorded-path.ts"
import type { Root } from "./root.ts"

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

/**
 * The same for all of an export's files. Parts of a session can lie under several project folders, and two of them may have
 * one name: filed anew, the transcript's own neighbours go before, and who comes too late stays where it was.
 */
export function placesOf(saved: SavedExport, root: Root): readonly DiskPath[] {
  const { files } = saved.manifest
  if (root.folder === null) return files.map((file) => placeOf(saved, file, root))
  const main = files.find(({ role }) => role === "transcript")?.relative ?? ""
  const own = main.slice(0, main.lastIndexOf("/") + 1)
  const isOwn = (index: number) => files[index]?.relative.startsWith(own) === true
  const order = [...files.keys()].toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)) || a - b)
  const taken = new Set<string>()
  const places = new Map<number, DiskPath>()
  for (const index of order) {
    const file = files[index] as Recorded
    const filed = placeOf(saved, file, root)
    places.set(index, taken.has(pathKey(filed)) ? placeOf(saved, file, { ...root, folder: null }) : filed)
    taken.add(pathKey(filed))
  }
  return [...files.keys()].map((index) => places.get(index) ?? "")
}
