import { type DiskPath, samePath, showPath } from "../../domain/disk-path.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { partsBelow } from "../../domain/export/recorded-path.ts"
import { linkTarget } from "../../rescue/io/link-target.ts"
import type { LinkPlacement } from "../../rescue/restore/restore.ts"
import { targetBelow } from "../../rescue/restore/target.ts"
import { placeOf } from "./destination.ts"
import type { RestoredLink } from "./report.ts"
import type { Root } from "./root.ts"

export interface PlannedLink extends LinkPlacement {
  readonly relative: string
  readonly outcome: RestoredLink["outcome"]
  readonly why: string | null
}

/** Only where nothing stands, and only one that stays in the home: a client writes through links. */
export function planLink(
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
  // safety: restore-link-inside
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
