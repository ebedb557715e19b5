import { dirname } from "node:path"
import type { Exported, SavedExport } from "../domain/export/export.ts"
import { isInside } from "../rescue/catalog/export-files.ts"

/**
 * What plugins are told about an export whose own files are in that place. Manifest entries outside it are
 * not included.
 */
export function exportedOf(saved: SavedExport): Exported {
  const { name, path, manifestPath, manifest } = saved
  const folder = dirname(path)
  const files = manifest.files
    .filter((file) => isInside(file, `${name}.jsonl`))
    .map(({ role, path, length, sha256 }) => ({ role, path: `${folder}/${path}`, length, sha256 }))
    .toSorted((a, b) => Number(a.role !== "transcript") - Number(b.role !== "transcript"))
  return { name, path, manifestPath, manifest, files }
}
