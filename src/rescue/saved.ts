import { lstatSync, readdirSync, readFileSync } from "node:fs"
import { parseExportName, type SavedExport } from "../session/export.ts"
import { parseManifest } from "../session/manifest.ts"
import type { SessionId } from "../session/session-id.ts"

/** The exports that lie in the data folder, by session. Reads names at once, a manifest only when asked. */
export interface SavedExports {
  of(id: SessionId): readonly SavedExport[]
}

const ending = ".manifest.json"
const largest = 64 << 20

export function readSavedExports(pending: string, archive: string): SavedExports {
  const places = [
    { place: "pending", folder: pending, names: byId(pending) },
    { place: "archived", folder: archive, names: byId(archive) },
  ] as const
  return {
    of: (id) =>
      places
        .flatMap(({ place, folder, names }) =>
          (names.get(id) ?? []).flatMap((name) => {
            const manifestPath = `${folder}/${name}${ending}`
            const manifest = readManifest(manifestPath)
            return manifest === null
              ? []
              : [{ place, name, path: `${folder}/${name}.jsonl`, manifestPath, manifest, archive: null }]
          }),
        )
        .toSorted((a, b) => (a.name < b.name ? 1 : -1)),
  }
}

/** Committed exports only: a manifest whose `.jsonl` is not there is none. */
function byId(folder: string): ReadonlyMap<string, readonly string[]> {
  const names = new Set(namesIn(folder))
  const found = [...names].flatMap((name) => {
    const base = name.endsWith(ending) ? name.slice(0, -ending.length) : null
    const parsed = base === null || !names.has(`${base}.jsonl`) ? null : parseExportName(base)
    return base === null || parsed === null ? [] : [{ id: parsed.id, base }]
  })
  const groups = Map.groupBy(found, (each) => each.id)
  return new Map([...groups].map(([id, each]) => [id, each.map(({ base }) => base)]))
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

/** null when it is missing, no plain file, too large, or no manifest. */
export function readManifest(path: string) {
  try {
    const stat = lstatSync(path)
    return !stat.isFile() || stat.size > largest ? null : parseManifest(readFileSync(path, "utf8"))
  } catch {
    return null
  }
}

/** The export's name a manifest was written for; null when it names no transcript or file. */
export function readManifestNames(path: string): { name: string; hasFiles: boolean } | null {
  const files = readManifest(path)?.files ?? []
  const name = files[0]?.path.split("/")[0]?.replace(/\.(jsonl|files)$/, "") ?? ""
  return parseExportName(name) === null
    ? null
    : { name, hasFiles: files.some((file) => file.role === "footprint") }
}
