import { lstatSync, readFileSync } from "node:fs"
import { MiB } from "../../domain/bytes.ts"
import { type ArchiveRecord, isStoredName, parseArchiveRecord } from "../../domain/export/archive-record.ts"
import { parseExportName, type SavedExport } from "../../domain/export/export.ts"
import { type Manifest, parseManifest } from "../../domain/export/manifest.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { collectPeriodically } from "../../system/runtime/gc.ts"
import { type ExportNames, listNames } from "./name-index.ts"

/** The exports in the data folder. Names are read at once, manifests on demand. */
export interface SavedExports {
  /** Exports of one session, newest first. */
  of(id: SessionId): readonly SavedExport[]
  /** All exports, newest first. */
  all(): readonly SavedExport[]
  /** All exports except those named, one by one, oldest first: there may be thousands with long manifests. */
  each(except: ReadonlySet<string>): Iterable<SavedExport>
}

const ending = ".manifest.json"
const recordEnding = ".archive.json"
const maxManifestBytes = 64 * MiB

/** `among`: the names to consider; passing a subset is much cheaper when the folder is full. */
export function readSavedExports(
  pending: string,
  archive: string,
  among: ExportNames = listNames(pending, archive),
): SavedExports {
  const committed: readonly Committed[] = [
    ...committedOf(among.pending, readPending, pending),
    ...committedOf(among.archive, readArchived, archive),
  ].sort((a, b) => (a.name < b.name ? 1 : -1))
  const readOne = ({ read, folder, name }: Committed) => read(folder, name)
  const readAll = (those: readonly Committed[]) => those.flatMap((one) => readOne(one) ?? [])
  let groups: ReadonlyMap<string | undefined, readonly Committed[]> | undefined
  function* each(except: ReadonlySet<string>) {
    const collect = collectPeriodically()
    for (const one of committed.toReversed()) {
      const saved = except.has(one.name) ? null : readOne(one)
      if (saved !== null) yield saved
      collect()
    }
  }
  function of(id: SessionId) {
    groups ??= Map.groupBy(committed, ({ name }) => parseExportName(name)?.id)
    return readAll(groups.get(id) ?? [])
  }
  return { of, all: () => readAll(committed), each }
}

interface Committed {
  readonly name: string
  readonly folder: string
  readonly read: (folder: string, name: string) => SavedExport | null
}

/** Only committed exports: a manifest alone is not an export. */
function* committedOf(
  listed: readonly string[],
  read: Committed["read"],
  folder: string,
): Generator<Committed> {
  const names = new Set(listed)
  for (const each of names) {
    const name = each.endsWith(ending) ? each.slice(0, -ending.length) : null
    if (name === null || parseExportName(name) === null) continue
    if (names.has(`${name}.jsonl`) || names.has(name + recordEnding)) yield { name, folder, read }
  }
}

/** One export in the pending folder; null when it does not exist or its manifest cannot be read. */
export function readPending(folder: string, name: string): SavedExport | null {
  return readUnarchived("pending", folder, name)
}

/**
 * One export in the archive: what an archiver made, or, without a record, an unarchived export that was moved there
 * manually. null when it does not exist or does not match its record.
 */
export function readArchived(folder: string, name: string): SavedExport | null {
  const record = readSmall(`${folder}/${name}${recordEnding}`)
  if (record === null) return readUnarchived("archived", folder, name)
  const manifestPath = `${folder}/${name}${ending}`
  const bytes = readSmall(manifestPath)
  const manifest = bytes === null ? null : parseManifest(bytes.toString())
  const archive = parseArchiveRecord(record.toString())
  if (bytes === null || manifest === null || archive === null || !isOf(archive, name, bytes)) return null
  const path = `${folder}/${archive.stored[0]?.path ?? `${name}${recordEnding}`}`
  return { place: "archived", name, path, manifestPath, manifest, archive }
}

function isOf(archive: ArchiveRecord, name: string, manifest: Uint8Array): boolean {
  const sha256 = new Bun.CryptoHasher("sha256").update(manifest).digest("hex")
  return archive.manifestSha256 === sha256 && archive.stored.every(({ path }) => isStoredName(path, name))
}

function readUnarchived(place: SavedExport["place"], folder: string, name: string): SavedExport | null {
  const path = `${folder}/${name}.jsonl`
  const manifestPath = `${folder}/${name}${ending}`
  if (lstatSync(path, { throwIfNoEntry: false }) === undefined) return null
  const manifest = readManifest(manifestPath)
  return manifest === null ? null : { place, name, path, manifestPath, manifest, archive: null }
}

/** null when the file is missing, not a plain file, too large, or not a manifest. */
export function readManifest(path: string): Manifest | null {
  const bytes = readSmall(path)
  return bytes === null ? null : parseManifest(bytes.toString())
}

/** null when the file is missing, unreadable, not a plain file, or larger than any we write. */
function readSmall(path: string): Buffer | null {
  try {
    const stat = lstatSync(path)
    return !stat.isFile() || stat.size > maxManifestBytes ? null : readFileSync(path)
  } catch {
    return null
  }
}

/** The name of the export a manifest was written for; null when it names no transcript and no file. */
export function readManifestNames(path: string): { name: string; hasFiles: boolean } | null {
  const files = readManifest(path)?.files ?? []
  const name = files[0]?.path.split("/")[0]?.replace(/\.(jsonl|files)$/, "") ?? ""
  return parseExportName(name) === null
    ? null
    : { name, hasFiles: files.some((file) => file.role === "footprint") }
}
