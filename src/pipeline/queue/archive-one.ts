import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import { type Progress, type ProgressReporter, reportTo } from "../../domain/progress.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import { archiveExport } from "../../rescue/archive/archive.ts"
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

/**
 * Archives one pending export with this plugin, and removes it once the archive has been decoded and matches
 * it byte for byte. Throws otherwise and leaves the export unchanged.
 */
export async function archiveOne(
  saved: SavedExport,
  { plugin, options }: LoadedPlugin<ArchivePlugin>,
  { paths, version, signal, warn, reporter, readStored }: ArchivingOptions,
): Promise<SavedExport> {
  const bytes = saved.manifest.files.reduce((sum, file) => sum + file.length, 0)
  const progress = reportTo(reporter, signal)
  const log = (message: string) => warn(`${plugin.name}: ${message}`)
  const ctx = { files: reading(progress), log, options, signal }
  const archiver = {
    name: plugin.name,
    open: plugin.open.bind(plugin),
    store: (staging: Parameters<ArchivePlugin["store"]>[1]) =>
      plugin.store(exportedOf(saved), staging, ctx).catch((error) => {
        if (isRescueError(error)) throw error
        throw new RescueError("PLUGIN_FAILED", `${plugin.name}: ${error?.message ?? error}`, stays)
      }),
  }
  const { id, title } = saved.manifest.session
  reporter.begin(shortId(id), 2 * bytes, title) // every byte is read, then compared with the archived copy
  try {
    return await archiveExport(saved, archiver, {
      archive: paths.archive,
      version,
      now: () => new Date(),
      progress,
      warn,
      readStored,
    })
  } catch (error) {
    throw isRescueError(error) && error.code === "DISK_FULL" ? full(saved, paths.archive, error) : error
  } finally {
    reporter.end()
  }
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
