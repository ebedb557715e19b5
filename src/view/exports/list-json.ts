import { missingIn } from "../../domain/export/manifest.ts"
import { bytesOf } from "../../domain/export/recorded-path.ts"
import type { CatalogEntry } from "../../operations/exports/select.ts"
import { schemaVersion } from "../terminal/json.ts"
import { stateOf, verifiedAt } from "./list.ts"

export function listDocument(entries: readonly CatalogEntry[], warnings: readonly string[]) {
  return { schemaVersion, exports: entries.map(entryDocument), warnings }
}

function entryDocument(entry: CatalogEntry) {
  const { id, name, path } = entry
  const state = stateOf(entry)
  if (entry.kind !== "export") {
    const { why } = entry
    const unknown = {
      manifest: null,
      title: null,
      cwd: null,
      home: null,
      bytes: null,
      files: null,
      missing: [],
    }
    return { id, state, name, path, ...unknown, exportedAt: null, verifiedAt: null, storedBytes: null, why }
  }
  const { manifest, manifestPath, archive } = entry.saved
  const { title, cwd, home } = manifest.session
  return {
    id,
    state,
    name,
    path,
    manifest: manifestPath,
    title,
    cwd,
    home,
    bytes: bytesOf(manifest),
    files: manifest.files.length,
    missing: missingIn(manifest).map(({ source, why }) => ({ path: source, why })),
    exportedAt: manifest.exportedAt,
    verifiedAt: verifiedAt(entry.saved),
    /** What it takes on disk, where an archiver made something else of it. */
    storedBytes: archive?.stored.reduce((sum, file) => sum + file.length, 0) ?? bytesOf(manifest),
    why: null,
  }
}
