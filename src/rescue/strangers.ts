import { lstatSync, readdirSync } from "node:fs"
import { dirname } from "node:path"
import { type DiskPath, diskPath, joinPath, showPath } from "../session/disk-path.ts"
import type { SavedExport } from "../session/export.ts"
import { native } from "../system/files.ts"
import type { Problem } from "./check.ts"

/** What lies in an export's folder without its manifest naming it. Links are not followed. */
export function strangersBelow({ path, name, manifest }: SavedExport): Problem[] {
  const known = new Set(manifest.files.map((file) => file.path))
  const folder = dirname(path)
  const found: Problem[] = []
  const walk = (relative: DiskPath) => {
    const place = native(joinPath(folder, relative))
    const look = lstatSync(place, { throwIfNoEntry: false })
    if (look?.isDirectory()) {
      for (const entry of readdirSync(place, { encoding: "buffer" }) as Buffer[]) {
        walk(joinPath(relative, diskPath(entry)))
      }
      return
    }
    if (look === undefined || (typeof relative === "string" && known.has(relative))) return
    const shown = showPath(joinPath(folder, relative))
    found.push({ path: shown, kind: "foreign", says: "its manifest does not know it" })
  }
  walk(`${name}.files`)
  return found
}
