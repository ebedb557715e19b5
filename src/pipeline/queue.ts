import { lstatSync, readdirSync } from "node:fs"
import { type HeldLock, readLocks } from "../rescue/lock.ts"
import { readArchived, readPending } from "../rescue/saved.ts"
import { findTaken } from "../rescue/taken.ts"
import { parseExportName, type SavedExport } from "../session/export.ts"
import { type Manifest, parseManifest } from "../session/manifest.ts"
import { systemFiles } from "../system/files.ts"
import type { Paths } from "../system/paths.ts"
import { readTrouble } from "../system/trouble.ts"
import type { LoadedPlugin } from "./plugins.ts"
import { type PluginState, readState, readStates } from "./queue-state.ts"
import type { PostProcessPlugin } from "./stages.ts"

/** How often a plugin is tried on one export; only the extractor is tried for ever. */
export const tries = 3

/** The one plugin without which nothing is archived: what is not in the index would not be found any more. */
export const extractor = "context-extractor"

/** Something in the pending folder that is to be dealt with. */
export type Waiting =
  | { readonly kind: "export"; readonly name: string; readonly saved: SavedExport }
  /** A `.jsonl` that somebody copied there by hand. */
  | { readonly kind: "foreign"; readonly name: string; readonly path: string; readonly bytes: number }
  /** An export whose `.jsonl` is gone; `taken` is where another tool has put it. */
  | {
      readonly kind: "taken" | "broken"
      readonly name: string
      readonly saved: SavedExport | null
      readonly taken: string | null
      readonly why: string
    }

/** What lies in the pending folder, oldest first. Throws when it cannot be listed. */
export async function readWaiting(paths: Paths, signal: AbortSignal): Promise<readonly Waiting[]> {
  const names = new Set(namesIn(paths.pending).filter((each) => !each.startsWith(".")))
  const bases = new Set([...names].flatMap((each) => /^(.+)\.(jsonl|manifest\.json)$/.exec(each)?.[1] ?? []))
  const waiting: Waiting[] = []
  for (const name of [...bases].toSorted()) {
    const each = await lookAt(name, names, paths, signal)
    if (each !== null) waiting.push(each)
  }
  return waiting
}

async function lookAt(
  name: string,
  names: ReadonlySet<string>,
  { pending, archive }: Paths,
  signal: AbortSignal,
): Promise<Waiting | null> {
  const path = `${pending}/${name}.jsonl`
  if (!names.has(`${name}.manifest.json`)) {
    const stat = lstatSync(path, { throwIfNoEntry: false })
    if (stat?.isFile()) return { kind: "foreign", name, path, bytes: stat.size }
    return stat === undefined ? null : broken(name, "it is not a plain file")
  }
  const saved = parseExportName(name) === null ? null : readPending(pending, name)
  if (saved !== null) return { kind: "export", name, saved }
  const manifestPath = `${pending}/${name}.manifest.json`
  const manifest = readManifest(manifestPath)
  if (manifest === null) return broken(name, "its manifest cannot be read, or is none")
  if (parseExportName(name) === null) return broken(name, "its name is none that an export gets")
  if (readArchived(archive, name) !== null) return null // archived: what is left is swept
  const rest = { place: "pending", name, path, manifestPath, manifest, archive: null } as const
  const transcript = manifest.files.find((file) => file.role === "transcript")
  const taken =
    transcript === undefined ? null : await findTaken(archive, transcript, { signal, progress() {} })
  if (taken === null) return { ...broken(name, "its .jsonl is gone"), saved: rest }
  return { kind: "taken", name, saved: rest, taken, why: `another tool has moved its transcript to ${taken}` }
}

function broken(name: string, why: string) {
  return { kind: "broken", name, saved: null, taken: null, why } as const
}

function readManifest(path: string): Manifest | null {
  const text = systemFiles(() => {}).text(path, 64 << 20)
  return text === null ? null : parseManifest(text)
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return []
    throw readTrouble(error, folder)
  }
}

/** Whether a plugin is still to be run on an export; `again`: also where it was given up. */
export function isOutstanding(
  pending: string,
  name: string,
  { plugin }: LoadedPlugin<PostProcessPlugin>,
  again = false,
): boolean {
  const state = readState(pending, name, plugin.name)
  if (state === null) return true
  return state.status === "failed" && (again || plugin.name === extractor || state.attempts < tries)
}

export interface QueueEntry {
  readonly waiting: Waiting
  readonly states: readonly PluginState[]
  /** Plugins that have not run on it yet, or are to be tried again. */
  readonly outstanding: readonly string[]
  readonly lock: HeldLock | null
}

export async function readQueue(
  paths: Paths,
  plugins: readonly LoadedPlugin<PostProcessPlugin>[],
  signal: AbortSignal,
): Promise<readonly QueueEntry[]> {
  const locks = await readLocks(paths.pending)
  return (await readWaiting(paths, signal)).map((waiting) => ({
    waiting,
    states: readStates(paths.pending, waiting.name),
    outstanding: plugins
      .filter((each) => isOutstanding(paths.pending, waiting.name, each))
      .map(({ plugin }) => plugin.name),
    lock: locks.find((lock) => lock.export === waiting.name && !lock.stale) ?? null,
  }))
}
