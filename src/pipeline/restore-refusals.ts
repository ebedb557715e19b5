import { type DiskPath, showPath } from "../session/disk-path.ts"
import { RescueError } from "../session/errors.ts"
import type { SavedExport } from "../session/export.ts"
import { partsBelow } from "../session/place.ts"
import type { PlannedFile } from "./restore-plan.ts"
import type { Root } from "./restore-root.ts"

/** Two files for one place, or one where another needs a folder. */
export function refuseClashes(saved: SavedExport, places: readonly DiskPath[]): void {
  const names = new Set(places.map(showPath))
  const nested = places.find((place) => {
    const parts = (partsBelow(place) ?? []).map(showPath)
    return parts.some((_, level) => level > 0 && names.has(parts.slice(0, level).join("/")))
  })
  if (names.size === places.length && nested === undefined) return
  const message = `${saved.manifestPath} names two files for one place: nothing was written`
  throw new RescueError("DAMAGED", message, "look at that manifest by hand")
}

export function refuseToReplace(files: readonly PlannedFile[], { plugin }: Root, force: boolean): void {
  const different = files.filter(({ outcome }) => outcome === "replaced")
  const [first] = different
  if (first === undefined || (force && plugin !== null)) return // safety: restore-force
  const others = different.length > 1 ? ` (and ${different.length - 1} more)` : ""
  throw new RescueError(
    "REFUSED",
    `${showPath(first.target.path)} is there, and is not what was exported${others}: nothing was written`,
    plugin === null
      ? "name an empty folder with --to"
      : "session-rescue restore --force saves what is there first and then replaces it; --to /some/folder unpacks elsewhere",
  )
}

export function inTheWay(obstacle: string): RescueError {
  return new RescueError(
    "REFUSED",
    `${obstacle}: nothing was written`,
    "move it away by hand, or unpack elsewhere: --to /some/folder",
  )
}
