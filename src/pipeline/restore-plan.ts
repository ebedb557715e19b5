import { linkTarget } from "../rescue/link-target.ts"
import type { Pace } from "../rescue/pace.ts"
import { likenessOf } from "../rescue/present.ts"
import type { LinkPlacement, Placement } from "../rescue/put-back.ts"
import { targetBelow } from "../rescue/target.ts"
import { type DiskPath, samePath, showPath } from "../session/disk-path.ts"
import { RescueError } from "../session/errors.ts"
import type { SavedExport } from "../session/export.ts"
import { partsBelow, placeInHome, type Recorded } from "../session/place.ts"
import type { RestoredFile, RestoredLink } from "./restore-report.ts"
import type { Root } from "./restore-root.ts"

export interface PlannedFile extends Placement {
  readonly outcome: RestoredFile["outcome"]
}
export interface PlannedLink extends LinkPlacement {
  readonly relative: string
  readonly outcome: RestoredLink["outcome"]
  readonly why: string | null
}
export interface Plan {
  readonly files: readonly PlannedFile[]
  readonly links: readonly PlannedLink[]
}

/** What would be done, by a look at what is there. Throws when a place is not one of the session, or is in use otherwise. */
export async function planRestore(saved: SavedExport, root: Root, force: boolean, pace: Pace): Promise<Plan> {
  const { files: recorded, links } = saved.manifest
  const places = recorded.map((file) => placeOf(saved, file, root))
  refuseClashes(saved, places)
  const files: PlannedFile[] = []
  for (const [index, file] of recorded.entries()) {
    const target = targetBelow(root.path, places[index] ?? "", root.followed)
    if (target.obstacle !== null) throw inTheWay(target.obstacle)
    const likeness = target.present === null ? null : await likenessOf(target.path, file, pace)
    const replace = likeness === "different" || (likeness === "holds more" && force && root.plugin !== null)
    files.push({
      file,
      target,
      outcome: replace ? ("replaced" as const) : (likeness ?? ("restored" as const)),
    })
  }
  refuseToReplace(files, root, force)
  return { files, links: links.map((link) => planLink(saved, link, root)) }
}

function placeOf(saved: SavedExport, recorded: Recorded, { id, plugin }: Root): DiskPath {
  const place = placeInHome(recorded, saved.manifest.session.home)
  const why =
    place === null
      ? "leads out of the client's home, or contradicts itself"
      : plugin?.mayHold?.(recorded.relative, id) === false
        ? "is no place of that session"
        : null
  if (place !== null && why === null) return place
  throw new RescueError(
    "DAMAGED",
    `${saved.manifestPath} names ${JSON.stringify(recorded.relative)}, which ${why}: nothing was written`,
    "look at that manifest by hand; --to /some/folder unpacks what stays below it",
  )
}

/** Two files for one place, or one where another needs a folder. */
function refuseClashes(saved: SavedExport, places: readonly DiskPath[]): void {
  const names = new Set(places.map(showPath))
  const nested = places.find((place) => {
    const parts = (partsBelow(place) ?? []).map(showPath)
    return parts.some((_, level) => level > 0 && names.has(parts.slice(0, level).join("/")))
  })
  if (names.size === places.length && nested === undefined) return
  const message = `${saved.manifestPath} names two files for one place: nothing was written`
  throw new RescueError("DAMAGED", message, "look at that manifest by hand")
}

function refuseToReplace(files: readonly PlannedFile[], { plugin }: Root, force: boolean): void {
  const different = files.filter(({ outcome }) => outcome === "replaced")
  const [first] = different
  if (first === undefined || (force && plugin !== null)) return
  const others = different.length > 1 ? ` (and ${different.length - 1} more)` : ""
  throw new RescueError(
    "REFUSED",
    `${showPath(first.target.path)} is there, and is not what was exported${others}: nothing was written`,
    plugin === null
      ? "name an empty folder with --to"
      : "--force saves what is there first and then replaces it; --to /some/folder unpacks elsewhere",
  )
}

function inTheWay(obstacle: string): RescueError {
  return new RescueError(
    "REFUSED",
    `${obstacle}: nothing was written`,
    "move it away by hand, or unpack elsewhere: --to /some/folder",
  )
}

/** Only where nothing stands, and only one that stays in the home: a client writes through links. */
function planLink(
  saved: SavedExport,
  link: SavedExport["manifest"]["links"][number],
  root: Root,
): PlannedLink {
  const leadsTo = link.targetBase64 === undefined ? link.target : Buffer.from(link.targetBase64, "base64")
  const place = placeOf(saved, link, root)
  const target = targetBelow(root.path, place, root.followed)
  const planned = (outcome: RestoredLink["outcome"], why: string | null) => {
    return { target, leadsTo, relative: link.relative, outcome, why }
  }
  const there = target.isLink ? linkTarget(target.path) : null
  if (there !== null && samePath(there, leadsTo)) return planned("there", null)
  if (target.obstacle !== null) return planned("left out", target.obstacle)
  if (target.present !== null) return planned("left out", `${showPath(target.path)} is a file`)
  const own = root.plugin !== null && root.homeGone === null ? [saved.manifest.session.home] : []
  if (!staysInside(place, leadsTo, [root.path, ...own]))
    return planned("left out", "it leads out of the home")
  return planned("made", null)
}

function staysInside(place: DiskPath, leadsTo: DiskPath, homes: readonly string[]): boolean {
  if (typeof leadsTo !== "string") return false
  if (leadsTo.startsWith("/")) {
    return homes.some((home) => leadsTo.startsWith(`${home}/`) && !leadsTo.split("/").includes(".."))
  }
  let depth = (partsBelow(place) ?? []).length - 1
  for (const part of leadsTo.split("/")) {
    if (part === "..") depth--
    else if (part !== "." && part !== "") depth++
    if (depth < 0) return false
  }
  return true
}
