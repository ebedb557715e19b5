import { RescueError } from "../../domain/errors.ts"
import { defaultNotify, type WatchSettings } from "../../domain/watch/sight.ts"
import { type Lock, lockExport, readLocks } from "../../rescue/io/lock.ts"
import { ownTag } from "../../rescue/io/owner-tag.ts"
import type { Config } from "../../system/config/config.ts"
import { type Paths, watchFolder } from "../../system/config/paths.ts"
import { makeFolders } from "../../system/fs/durable.ts"
import { systemFiles } from "../../system/fs/files.ts"
import { releaseFilePages } from "../../system/native/file-pages.ts"
import { clockNow, ownFile } from "../../system/process/run-self.ts"
import { systemProcesses } from "../../system/process/system-processes.ts"
import { collectGarbage } from "../../system/runtime/gc.ts"
import { Changes } from "./changes.ts"
import { lookInChild, saveInChild } from "./children.ts"
import { emptyState, readWatchState, type WatchState, writeWatchState } from "./state.ts"
import { tellUser } from "./tell.ts"
import { defaultTiming, type WatchEvent, type WatcherFacts } from "./watcher-facts.ts"
import { Watching } from "./watching.ts"

export interface WatchOptions {
  readonly paths: Paths
  readonly config: Config
  readonly at: readonly number[] | null
  /** As it was typed; null for the config file's. */
  readonly hungAfter: string | null
  /** What is told is printed on a terminal, too. */
  readonly onTerminal: boolean
  /** A question waits this long before its user is told. */
  readonly waitingAfterMs?: number
  readonly onEvent: (event: WatchEvent) => void
}

const lockName = "watcher"

export const watchConstants = {
  coolDownMs: 600_000,
  minGrowth: 1024 * 1024,
  waitingAfterMs: 60_000,
  idleAfterMs: 3_600_000,
}

/** Held by the one watcher of a data folder, resident or not; null while another one holds it. */
export async function lockWatch(paths: Paths): Promise<Lock | null> {
  makeFolders(watchFolder(paths), false)
  return lockExport(watchFolder(paths), lockName) // safety: one-watcher
}

/** The process that holds the lock; null when none does, or it is on another machine. */
export async function watchHolder(paths: Pick<Paths, "data">): Promise<number | null> {
  const locks = await readLocks(watchFolder(paths), lockName)
  return locks.find(({ stale }) => !stale)?.pid ?? null
}

/** The watcher on the real machine. */
export async function openWatch({
  paths,
  config,
  at,
  hungAfter,
  ...options
}: WatchOptions): Promise<WatcherFacts> {
  const files = systemFiles(() => {})
  const settings: WatchSettings = {
    ...watchConstants,
    at: at ?? config.watch.at,
    notify: config.notify ?? defaultNotify,
    hungAfterMs: 0, // each look says it
    waitingAfterMs: options.waitingAfterMs ?? watchConstants.waitingAfterMs,
  }
  const watching = new Watching(readWatchState(paths, files) ?? emptyState(), settings)
  const child = { data: paths.data, hungAfter }
  const own = ownFile()
  return {
    watching,
    timing: defaultTiming,
    changes: new Changes(files, await systemProcesses()),
    look: (look) => lookInChild({ ...child, look }),
    save: async (save) => {
      const { results, warnings } = await saveInChild({ ...child, save })
      for (const message of warnings) watching.fails(message, Date.now())
      return results
    },
    tell: async (notices) => ({
      ...(await tellUser(notices, {
        command: config.notifyCommand,
        onTerminal: options.onTerminal,
        now: Date.now(),
        onFailure: (message) => watching.fails(message, Date.now()),
      })),
      sessions: notices.map(({ reason, sight, saved }) => ({ id: sight.id, reason, saved })),
    }),
    // once the program is uninstalled nothing of it comes back
    keepState: async (state) => (ownFile() === null ? undefined : writeWatchState(paths, state)),
    rest: async (isFirst) => {
      if (isFirst) collectGarbage()
      await releaseFilePages()
    },
    clock: clockNow,
    isReplaced: () => ownFile() !== own,
    onEvent: options.onEvent,
  }
}

/** This process, as the state names it. */
export async function ownRunner(version: string, now: number): Promise<NonNullable<WatchState["runner"]>> {
  const startMark = (await ownTag()).split("-").at(-1) ?? ""
  return { pid: process.pid, startMark, version, startedAt: now }
}

export function alreadyWatched(pid: number | null): RescueError {
  const who = pid === null ? "another one" : `process ${pid}`
  return new RescueError(
    "REFUSED",
    `the watcher of this data folder runs already: ${who}`,
    "see what it does: session-rescue watch --status",
  )
}
