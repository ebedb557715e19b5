import type { Pace } from "../rescue/pace.ts"
import { likenessOf } from "../rescue/present.ts"
import type { Placement } from "../rescue/put-back.ts"
import { targetBelow } from "../rescue/target.ts"
import type { SavedExport } from "../session/export.ts"
import { type PlannedLink, planLink } from "./restore-links.ts"
import { placeOf } from "./restore-place.ts"
import { inTheWay, refuseClashes, refuseToReplace } from "./restore-refusals.ts"
import type { RestoredFile } from "./restore-report.ts"
import type { Root } from "./restore-root.ts"

export interface PlannedFile extends Placement {
  readonly outcome: RestoredFile["outcome"]
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
