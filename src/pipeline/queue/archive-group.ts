import { errnoOf, isRescueError, RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { type Progress, type ProgressReporter, reportTo } from "../../domain/progress.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import { archiveExports } from "../../rescue/archive/archive.ts"
import type { ArchivePlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type Files, systemFiles } from "../../system/fs/files.ts"
import { toReadError } from "../../system/fs/io-errors.ts"
import { exportedOf } from "../plugin-view.ts"

export const defaultArchiver = "archive-zstd"

export interface ArchivingOptions {
  readonly paths: Paths
  readonly version: string
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
  readonly reporter: ProgressReporter
  readonly readStored: ReadStored
}

/** What became of each export: the archived one, or why it stays pending, unchanged. */
export type Archived = ReadonlyMap<SavedExport, SavedExport | Error>

/**
 * Archives pending exports with this plugin, and removes each once its archive has been decoded and matches it byte for
 * byte. What there was no room for beside the others is tried again by itself: archiving them has made room. Throws
 * only when interrupted.
 */
export async function archiveGroup(
  group: readonly SavedExport[],
  plugin: LoadedPlugin<ArchivePlugin>,
  options: ArchivingOptions,
): Promise<Archived> {
  const results = new Map(await archiveTogether(group, plugin, options))
  if (group.length === 1) return results
  for (const [saved, result] of results) {
    if (!isRescueError(result) || !isShortage(result)) continue
    for (const [again, found] of await archiveTogether([saved], plugin, options)) results.set(again, found)
  }
  return results
}

/** Of room on the disk, or of files that may be open at once. */
function isShortage({ code, cause }: RescueError): boolean {
  return code === "DISK_FULL" || ["EMFILE", "ENFILE"].includes(errnoOf(cause))
}

async function archiveTogether(
  group: readonly SavedExport[],
  { plugin, options }: LoadedPlugin<ArchivePlugin>,
  { paths, version, signal, warn, reporter, readStored }: ArchivingOptions,
): Promise<Archived> {
  const [first] = group
  if (first === undefined) return new Map()
  const bytes = group.reduce((sum, { manifest }) => sum + totalBytes(manifest), 0)
  const progress = reportTo(reporter, signal)
  const log = (message: string) => warn(`${plugin.name}: ${message}`)
  const ctx = { files: reading(progress), log, options, signal }
  const archiver = {
    name: plugin.name,
    open: plugin.open.bind(plugin),
    store: (saved: SavedExport, staging: Parameters<ArchivePlugin["store"]>[1]) =>
      plugin.store(exportedOf(saved), staging, ctx).catch((error) => {
        if (isRescueError(error)) throw error
        throw new RescueError("PLUGIN_FAILED", `${plugin.name}: ${error?.message ?? error}`, stays)
      }),
  }
  const { id, title } = first.manifest.session
  const [label, about] = group.length === 1 ? [shortId(id), title] : [`${group.length} exports`, null]
  reporter.begin(label, 2 * bytes, about) // every byte is read, then compared with the archived copy
  try {
    const results = await archiveExports(group, archiver, {
      archive: paths.archive,
      version,
      now: () => new Date(),
      progress,
      warn,
      readStored,
    })
    return new Map([...results].map(([saved, result]) => [saved, explain(saved, paths.archive, result)]))
  } finally {
    reporter.end()
  }
}

function explain(saved: SavedExport, archive: string, result: SavedExport | Error): SavedExport | Error {
  return isRescueError(result) && result.code === "DISK_FULL" ? full(saved, archive, result) : result
}

function full({ name, path }: SavedExport, archive: string, error: RescueError): RescueError {
  const message = `not enough space to archive ${name}: ${error.message}`
  const hint = `nothing is lost, it stays in ${path}; free space for ${archive}, then: session-rescue archive`
  return new RescueError("DISK_FULL", message, hint, { cause: error })
}

const stays = 'the export stays as it is; try another: archiver = "archive-move" in the config file'

/** A read error must throw, so that an archiver does not treat an unreadable file as empty. */
function reading(progress: Progress): Files {
  const files = systemFiles((path, error) => {
    throw toReadError(error, path)
  })
  return {
    ...files,
    read(path, offset, length) {
      const bytes = files.read(path, offset, length)
      progress.advance(bytes?.length ?? 0)
      return bytes
    },
  }
}
