import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { outsidePath, partsBelow } from "../../domain/export/recorded-path.ts"
import type { Pace } from "../../rescue/io/progress.ts"
import type { Placement } from "../../rescue/restore/restore.ts"
import { type Target, targetBelow } from "../../rescue/restore/target.ts"
import { likenessOf } from "../../rescue/verify/compare-existing.ts"
import type { Context } from "../../sdk/context.ts"
import { placesOf } from "./destination.ts"
import { type PlannedLink, planLink } from "./links.ts"
import { outsideTarget } from "./outside.ts"
import type { RestoredFile } from "./report.ts"
import type { Root } from "./root.ts"

export interface PlannedFile extends Placement {
  readonly outcome: RestoredFile["outcome"]
  readonly why: string | null
}
export interface Plan {
  readonly files: readonly PlannedFile[]
  readonly links: readonly PlannedLink[]
}

interface Planning {
  readonly root: Root
  readonly force: boolean
  readonly ctx: Context
  readonly pace: Pace
}

/** What would be done, by a look at what is there. Throws when a place is not one of the session, or is in use otherwise. */
export async function planRestore(saved: SavedExport, planning: Planning): Promise<Plan> {
  const { root, force } = planning
  const { files: recorded, links } = saved.manifest
  const places = placesOf(saved, root)
  refuseClashes(saved, places)
  const files: PlannedFile[] = []
  for (const [index, file] of recorded.entries()) {
    files.push(await planFile(file, targetOf(file, places[index] ?? "", planning), planning))
  }
  refuseToReplace(files, root, force)
  return { files, links: links.map((link) => planLink(saved, link, root)) }
}

/** What is only tied to the session (a plan, a copy beside it) goes where nothing is, and stops nothing. */
async function planFile(
  file: ManifestFile,
  target: Target,
  { root, force, pace }: Planning,
): Promise<PlannedFile> {
  const isTied = file.tie !== undefined && root.plugin !== null
  const planned = (outcome: PlannedFile["outcome"], why: string | null = null) => ({
    file,
    target,
    outcome,
    why,
  })
  if (target.obstacle !== null) {
    if (isTied) return planned("left out", target.obstacle)
    throw inTheWay(target.obstacle)
  }
  const likeness = target.present === null ? null : await likenessOf(target.path, file, pace)
  if (isTied && likeness === "different")
    return planned("left out", `${showPath(target.path)} is there, and is another`) // safety: restore-tied
  const replace =
    likeness === "different" || (likeness === "holds more" && force && root.plugin !== null && !isTied)
  return planned(replace ? "replaced" : (likeness ?? "restored"))
}

function targetOf(file: ManifestFile, place: DiskPath, { root, ctx }: Planning): Target {
  const outside = root.plugin === null ? null : outsidePath(file.relative)
  return outside === null ? targetBelow(root.path, place, root.followed) : outsideTarget(outside, ctx)
}

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
