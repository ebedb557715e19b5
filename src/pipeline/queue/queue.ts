import { lstatSync } from "node:fs"
import { MiB } from "../../domain/bytes.ts"
import { parseExportName, type SavedExport } from "../../domain/export/export.ts"
import { type Manifest, parseManifest } from "../../domain/export/manifest.ts"
import { isBeingRemoved } from "../../rescue/catalog/remove-export.ts"
import { readArchived, readPending } from "../../rescue/catalog/saved-exports.ts"
import { findMovedTranscript } from "../../rescue/export/moved-transcript.ts"
import type { Paths } from "../../system/config/paths.ts"
import { exists, systemFiles } from "../../system/fs/files.ts"
import { listDir } from "../../system/fs/list-dir.ts"
import { collectPeriodically } from "../../system/runtime/gc.ts"

/**
 * The one plugin that must succeed before archiving: a session that is not indexed could no longer be found.
 */
export const extractorName = "context-extractor"

/** An item in the pending folder. */
export type PendingItem =
  | { readonly kind: "export"; readonly name: string; readonly saved: SavedExport }
  /** A `.jsonl` that was not created by this program. */
  | { readonly kind: "foreign"; readonly name: string; readonly path: string; readonly bytes: number }
  /** An export whose `.jsonl` is missing; `taken` is where another tool has moved it. */
  | {
      readonly kind: "taken" | "broken"
      readonly name: string
      readonly saved: SavedExport | null
      readonly taken: string | null
      readonly why: string
    }

/** The items in the pending folder, oldest first. Throws when the folder cannot be listed. */
export async function readPendingItems(paths: Paths, signal: AbortSignal): Promise<readonly PendingItem[]> {
  return Array.fromAsync(eachPendingItem(paths, signal))
}

/**
 * Lazy variant, each item read in turn: there may be thousands, with long manifests, and work between them.
 */
export async function* eachPendingItem(paths: Paths, signal: AbortSignal): AsyncGenerator<PendingItem> {
  const names = new Set(listDir(paths.pending).filter((each) => !each.startsWith(".")))
  const bases = new Set([...names].flatMap((each) => /^(.+)\.(jsonl|manifest\.json)$/s.exec(each)?.[1] ?? []))
  const collect = collectPeriodically()
  for (const name of [...bases].toSorted()) {
    const each = await toPendingItem(name, names, paths, signal)
    if (each !== null) yield each
    collect()
  }
}

async function toPendingItem(
  name: string,
  names: ReadonlySet<string>,
  { pending, archive }: Paths,
  signal: AbortSignal,
): Promise<PendingItem | null> {
  const path = `${pending}/${name}.jsonl`
  if (!names.has(`${name}.manifest.json`)) {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat?.isFile()) return { kind: "foreign", name, path, bytes: stat.size }
    if (stat !== undefined) return broken(name, "it is not a plain file")
    return name.includes("\uFFFD") ? broken(name, "its name is not UTF-8: give it another one") : null
  }
  const saved = parseExportName(name) === null ? null : readPending(pending, name)
  if (saved !== null) return { kind: "export", name, saved }
  const manifestPath = `${pending}/${name}.manifest.json`
  if (!exists(manifestPath) && !exists(path)) return null // another run has handled it
  const manifest = readManifest(manifestPath)
  if (manifest === null) return broken(name, "its manifest cannot be read or is not valid")
  if (parseExportName(name) === null) return broken(name, "its name is not that of an export")
  if (readArchived(archive, name) !== null) return null // archived: the remains will be swept
  if (isBeingRemoved(pending, name)) return null // pruned: another export holds all of it
  const rest = { place: "pending", name, path, manifestPath, manifest, archive: null } as const
  const transcript = manifest.files.find((file) => file.role === "transcript")
  const taken =
    transcript === undefined ? null : await findMovedTranscript(archive, transcript, { signal, advance() {} })
  if (taken === null) return { ...broken(name, "its .jsonl is missing"), saved: rest }
  return { kind: "taken", name, saved: rest, taken, why: `another tool has moved its transcript to ${taken}` }
}

function broken(name: string, why: string) {
  return { kind: "broken", name, saved: null, taken: null, why } as const
}

function readManifest(path: string): Manifest | null {
  const text = systemFiles(() => {}).text(path, 64 * MiB)
  return text === null ? null : parseManifest(text)
}
