import { existsSync } from "node:fs"
import { basename, dirname, resolve } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { hasIdPrefix, parseIdPrefix, type SessionId } from "../../domain/session/session-id.ts"
import { findExportsByName, requireOneSession } from "../../pipeline/naming/match-exports.ts"
import { type CatalogEntry, readCatalog } from "../../rescue/catalog/catalog.ts"
import { readWholeCatalog } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"

export type { CatalogEntry } from "../../rescue/catalog/catalog.ts"

const fileSuffixes = /(\.manifest\.json|\.archive\.json|\.jsonl\.zst|\.jsonl|\.files)\/?$/

/**
 * Everything in the data folder, or what a person named there: by id, at least four digits of one, its own name or file,
 * the session's title, folder or transcript. `verb`: the command that asks.
 */
export function selectExports(
  names: readonly string[],
  paths: Paths,
  verb = "list",
): readonly CatalogEntry[] {
  const all = readWholeCatalog(paths)
  if (names.length === 0) return all
  return [...new Set(names.flatMap((name) => matchingEntries(name, all, paths, verb)))]
}

function matchingEntries(
  name: string,
  all: readonly CatalogEntry[],
  paths: Paths,
  verb: string,
): readonly CatalogEntry[] {
  const exact = byFile(name, all)
  if (exact.length > 0) return exact
  if (looksLikeFile(name)) return byPlace(name, all, paths, verb) ?? [entryForFile(name)]
  const found = bySession(name, all, paths, verb)
  if (found.length > 0) return found
  throw exportNotFound(name)
}

/** A path that is no export's can be the session's own: its folder, or its transcript. */
function byPlace(name: string, all: readonly CatalogEntry[], paths: Paths, verb: string) {
  const found = findExportsByName(name, all, paths, { verb, fits: ["exact"] })
  return found.length === 0 ? null : found
}

function bySession(name: string, all: readonly CatalogEntry[], paths: Paths, verb: string) {
  const found = byId(name, all, verb)
  return found.length > 0 ? found : findExportsByName(name, all, paths, { verb })
}

/** What a name for a restore means: one export, chosen by its file, or all those of one session. */
export type ExportChoice =
  | { readonly by: "file"; readonly saved: SavedExport }
  | { readonly by: "id"; readonly id: SessionId; readonly saved: readonly SavedExport[] }

type IncompleteEntry = Exclude<CatalogEntry, { readonly kind: "export" }>

/** `onBroken` hears of what would have fitted but is not a complete export. */
export function chooseExports(
  name: string,
  paths: Paths,
  onBroken: (entry: IncompleteEntry) => void,
): ExportChoice {
  const all = readWholeCatalog(paths)
  const exact = byFile(name, all).toSorted(
    (a, b) => Number(b.kind === "export") - Number(a.kind === "export"),
  )[0]
  const placed = exact === undefined && looksLikeFile(name) ? byPlace(name, all, paths, "restore") : null
  if (exact !== undefined || (placed === null && looksLikeFile(name)))
    return { by: "file", saved: assertComplete(exact ?? entryForFile(name)) }
  const found = placed ?? bySession(name, all, paths, "restore")
  const whole = found.flatMap((entry) => (entry.kind === "export" ? [entry] : []))
  const [first] = whole
  for (const entry of found) if (entry.kind !== "export") onBroken(entry)
  if (first !== undefined) return { by: "id", id: first.id, saved: whole.map(({ saved }) => saved) }
  const [broken] = found
  if (broken !== undefined) assertComplete(broken)
  throw exportNotFound(name)
}

/** An id that two sessions share the beginning of is an error that lists them. */
function byId(name: string, all: readonly CatalogEntry[], verb: string): readonly CatalogEntry[] {
  const prefix = parseIdPrefix(name)
  if (prefix === null) return []
  return requireOneSession(
    name,
    all.filter(({ id }) => hasIdPrefix(id, prefix)),
    verb,
  )
}

function byFile(name: string, all: readonly CatalogEntry[]): readonly CatalogEntry[] {
  const base = name.replace(fileSuffixes, "")
  const path = resolve(base)
  return all.filter((entry) =>
    name.includes("/") ? `${dirname(entry.path)}/${entry.name}` === path : entry.name === base,
  )
}

function looksLikeFile(name: string): boolean {
  return name.includes("/") || fileSuffixes.test(name) || existsSync(name)
}

/** An export that lies anywhere. */
function entryForFile(name: string): CatalogEntry {
  const path = resolve(name)
  const folder = dirname(path)
  const base = basename(path).replace(fileSuffixes, "")
  const entry = existsSync(path) && readCatalog(folder, folder).find((each) => each.name === base)
  if (entry) return entry
  throw existsSync(path)
    ? new RescueError("USAGE", `${path} is not a file of an export`, "give its .jsonl or .manifest.json")
    : exportNotFound(name)
}

function assertComplete(entry: CatalogEntry): SavedExport {
  if (entry.kind === "export") return entry.saved
  if (entry.kind === "broken") {
    const hint = "it was not changed; list other exports: session-rescue list"
    throw new RescueError("DAMAGED", `${entry.path}: ${entry.why}`, hint)
  }
  const message = `${entry.path}: ${entry.why}, so its original location is unknown`
  throw new RescueError(
    "USAGE",
    message,
    "if it is in the pending folder, run session-rescue cx, then restore it by its id",
  )
}

function exportNotFound(name: string): RescueError {
  const short = /^[0-9a-f]{1,3}$/i.test(name)
  return new RescueError(
    short ? "USAGE" : "EXPORT_NOT_FOUND",
    short
      ? `"${name}" is too short to be an id`
      : `no export matches "${name}" (id, file, title, folder or transcript)`,
    short ? "give at least four digits" : "list the exports: session-rescue list",
  )
}
