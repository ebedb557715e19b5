import { dirname } from "node:path"
import { RescueError } from "../domain/errors.ts"
import type { ReadStored } from "../domain/export/export.ts"
import type { LoadedPlugin } from "../plugin-host/protocol/loaded-plugin.ts"
import { readRaw } from "../rescue/catalog/export-files.ts"
import { openArchive, type StoredFreshness } from "../rescue/verify/archive-reader.ts"
import type { ArchivePlugin } from "../sdk/contracts.ts"
import type { PluginRegistry } from "./plugin-registry.ts"

/**
 * Reads one file of an export from byte `from` on, raw or through its archiver. What an archiver made is read from the
 * disk, bypassing the page cache; by default it is flushed first, so that it can be relied on. Reading does not verify
 * anything.
 */
export function storedReader(
  plugins: PluginRegistry,
  fresh: Exclude<StoredFreshness, null> = "flushed",
): ReadStored {
  return async function* (saved, file, from = 0) {
    if (saved.archive === null) {
      yield* readRaw(saved, file, from)
      return
    }
    const { plugin } = await archiverNamed(saved.archive.archiver, plugins)
    const folder = dirname(saved.manifestPath)
    const source = openArchive(folder, saved.name, saved.archive.stored, { fresh })
    try {
      yield* plugin.open(source, file, from)
    } finally {
      source.close()
    }
  }
}

/** Throws `PLUGIN_FAILED` when the archiver is not available. */
export async function archiverNamed(
  name: string,
  plugins: PluginRegistry,
): Promise<LoadedPlugin<ArchivePlugin>> {
  const all = await plugins.archivers()
  const loaded = all.find(({ plugin }) => plugin.name === name)
  if (loaded !== undefined) return loaded
  const known = all.map(({ plugin }) => plugin.name)
  throw new RescueError(
    "PLUGIN_FAILED",
    `there is no archiver called ${JSON.stringify(name)}`,
    `known: ${known.join(", ")}; one of your own must lie where session-rescue plugin list shows it`,
  )
}
