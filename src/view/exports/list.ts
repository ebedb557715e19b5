import type { SavedExport } from "../../domain/export/export.ts"
import { missingIn } from "../../domain/export/manifest.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { CatalogEntry } from "../../operations/exports/select.ts"
import { countLeftOff, describeNoMatch, type NarrowedView } from "../sessions/narrowed.ts"
import { count, formatAge, formatSize, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, pad, sanitize } from "../terminal/sanitize.ts"

const margin = 10

export interface ExportListFacts {
  readonly home: string
  readonly now: number
  readonly narrowed: NarrowedView
}

export function showExportList(entries: readonly CatalogEntry[], facts: ExportListFacts, out: Output): void {
  const agents = new Set(entries.flatMap((entry) => agentOf(entry) ?? []))
  for (const entry of entries) showEntry(entry, { ...facts, severalAgents: agents.size > 1 }, out)
  const { narrowed } = facts
  if (narrowed.leftOff > 0)
    out.print(`${countLeftOff(narrowed, "older export")} not shown: --limit is ${narrowed.limit}`)
  if (entries.length === 0 && narrowed.found > 0) {
    const all = { what: "export", list: "session-rescue list" }
    for (const line of describeNoMatch(narrowed, all)) out.print(line)
    return
  }
  if (entries.length === 0) out.print("Nothing has been exported yet.")
  else out.print(out.paint.bold(summary(entries)))
  out.print(nextStep(entries))
}

/** Verified is an export when it is made, and again when it is archived; `verify` keeps no record. */
function verifiedAt({ manifest, archive }: SavedExport): string {
  return archive?.archivedAt ?? manifest.exportedAt
}

function agentOf(entry: CatalogEntry): string | null {
  return entry.kind === "export" ? entry.saved.manifest.session.agent : null
}

function showEntry(
  entry: CatalogEntry,
  { home, now, severalAgents }: ExportListFacts & { readonly severalAgents: boolean },
  out: Output,
): void {
  const { paint } = out
  const width = (out.columns ?? Number.POSITIVE_INFINITY) - margin
  const blank = " ".repeat(margin)
  const id = shortId(entry.id) ?? "no id"
  if (entry.kind !== "export") {
    out.print(`${paint.yellow(pad(stateOf(entry), margin))}${id} · ${sanitize(entry.why)}`)
    out.print(blank + sanitize(shortPath(entry.path, home)))
    return
  }
  const { manifest, place } = entry.saved
  const colour = place === "archived" ? paint.dim : paint.green
  const made = formatAge(Date.parse(manifest.exportedAt), now)
  const verified = formatAge(Date.parse(verifiedAt(entry.saved)), now)
  const missing = missingIn(manifest).length
  // the count comes last: it is what a narrow terminal can do without
  const facts = [
    id,
    ...(severalAgents ? [sanitize(manifest.session.agent)] : []),
    formatSize(totalBytes(manifest)),
    ...(made === verified ? [`exported and verified ${made}`] : [`exported ${made}`, `verified ${verified}`]),
    ...(missing === 0 ? [] : [`NOT whole: ${count(missing, "file")} could not be read`]),
    count(manifest.files.length, "file"),
  ]
  out.print(colour(pad(place, margin)) + fitColumns(facts.join(" · "), width))
  const { cwd, title } = manifest.session
  const folder = cwd === null ? "folder unknown" : sanitize(shortPath(cwd, home))
  out.print(blank + fitColumns(folder + (title === null ? "" : ` — ${sanitize(title)}`), width))
  out.print(paint.dim(blank + sanitize(shortPath(entry.path, home))))
}

function stateOf(entry: CatalogEntry): "pending" | "archived" | "foreign" | "broken" {
  return entry.kind === "export" ? entry.place : entry.kind
}

function summary(entries: readonly CatalogEntry[]): string {
  const sessions = new Set(entries.map((entry) => entry.id ?? entry.path)).size
  const states = (["pending", "archived", "foreign", "broken"] as const).flatMap((state) => {
    const number = entries.filter((entry) => stateOf(entry) === state).length
    return number === 0 ? [] : [`${number} ${state}`]
  })
  return `${count(entries.length, "export")} of ${count(sessions, "session")}: ${states.join(", ")}`
}

function nextStep(entries: readonly CatalogEntry[]): string {
  const first = entries.find((entry) => entry.kind === "export")
  if (first === undefined)
    return "Next: session-rescue --export   (saves what is running, crashed or about to be deleted)"
  // whether it still runs, or is whole where it was, is not known here
  return `Next: session-rescue show ${shortId(first.id)}   (reads it; where it is lost, session-rescue restore ${shortId(first.id)})`
}

export function exportListDocument(
  entries: readonly CatalogEntry[],
  counts: { readonly notShown: number; readonly leftOff: number },
  warnings: readonly string[],
) {
  return { schemaVersion, exports: entries.map(entryDocument), ...counts, warnings }
}

function entryDocument(entry: CatalogEntry) {
  const { id, name, path } = entry
  const state = stateOf(entry)
  if (entry.kind !== "export") {
    const { why } = entry
    const unknown = {
      agent: null,
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
    agent: manifest.session.agent,
    state,
    name,
    path,
    manifest: manifestPath,
    title,
    cwd,
    home,
    bytes: totalBytes(manifest),
    files: manifest.files.length,
    missing: missingIn(manifest).map(({ source, why }) => ({ path: source, why })),
    exportedAt: manifest.exportedAt,
    verifiedAt: verifiedAt(entry.saved),
    /** What it takes on disk, where an archiver made something else of it. */
    storedBytes: archive?.stored.reduce((sum, file) => sum + file.length, 0) ?? totalBytes(manifest),
    why: null,
  }
}
