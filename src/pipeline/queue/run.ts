/** The pending queue: post-processing and archiving of finished exports. */
import { isRescueError } from "../../domain/errors.ts"
import { silent } from "../../domain/progress.ts"
import { sweepArchive } from "../../rescue/archive/sweep.ts"
import { finishRemovals } from "../../rescue/catalog/remove-export.ts"
import { removeStaleLocks } from "../../rescue/io/lock.ts"
import { releaseStaleGuards } from "../../rescue/protect/hardlink-guard.ts"
import { GroupProcessor } from "./group.ts"
import type { ProcessedExport, ProcessingOptions, ProcessingReport } from "./processing.ts"
import { eachPendingItem, readPendingItems } from "./queue.ts"
import { selectPending } from "./select.ts"

/**
 * Processes the pending folder: runs the outstanding plugins on each export, oldest first, and archives the
 * finished ones. A failure does not stop the next export. Cleans up first what a crashed run left unfinished.
 */
export async function processPending(options: ProcessingOptions): Promise<ProcessingReport> {
  const { paths, signal, warn, archiver, on } = options
  if (on === "export" && options.plugins.every(({ plugin }) => plugin.on !== "export")) {
    return { exports: [], interrupted: false }
  }
  const progress = silent(signal)
  const exports: ProcessedExport[] = []
  const group = new GroupProcessor(options)
  const stop = async () => {
    exports.push(...(await group.stop()))
    return { exports, interrupted: true }
  }
  try {
    await removeStaleLocks(paths.pending)
    await finishRemovals(paths.pending, null).catch((error) => warn(error.message))
    await releaseStaleGuards(paths.pending, paths.archive, warn)
    if (archiver !== null) {
      const { pending, archive } = paths
      await sweepArchive({ pending, archive, progress, warn, readStored: options.readStored })
    }
    for await (const waiting of await selectItems(options)) {
      if (signal.aborted) return await stop()
      if (on === "export" && waiting.kind !== "export") continue
      if (!group.hasRoomFor(waiting)) exports.push(...(await group.finish()))
      await group.add(waiting)
    }
    exports.push(...(await group.finish()))
    return { exports, interrupted: signal.aborted }
  } catch (error) {
    const report = await stop()
    if (!isRescueError(error) || error.code !== "INTERRUPTED") throw error
    return report
  }
}

async function selectItems({ names, paths, signal, onlyProcessed }: ProcessingOptions) {
  if (names === null) return eachPendingItem(paths, signal)
  const all = await readPendingItems(paths, signal)
  return selectPending(all, names, paths, onlyProcessed === true ? "archive" : "cx")
}
