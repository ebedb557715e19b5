import { ownershipOf } from "../../domain/client-config/ownership-line.ts"
import type { Paths } from "../../system/config/paths.ts"
import { readTextFile } from "../../system/fs/config-files.ts"
import type { Files } from "../../system/fs/files.ts"
import { sha256 } from "../setup/files.ts"
import { watcherFile } from "../setup/service/watcher.ts"
import { readWatchState, runningWatcher } from "./state.ts"

export interface WatcherStanding {
  /** The service's file of ours; null where the watcher is not set up. */
  readonly installed: string | null
  readonly runningVersion: string | null
  readonly pid: number | null
}

export async function watcherStanding(
  paths: Pick<Paths, "home" | "data">,
  files: Files,
): Promise<WatcherStanding> {
  const path = watcherFile(paths, process.env)
  const runner = await runningWatcher(readWatchState(paths, files))
  return {
    installed: isOurs(path) ? path : null,
    runningVersion: runner?.version ?? null,
    pid: runner?.pid ?? null,
  }
}

/** What is wrong with a watcher that was set up, and what to type; null when nothing is. */
export function watcherTrouble(
  { installed, runningVersion }: WatcherStanding,
  version: string,
): { readonly message: string; readonly next: string } | null {
  const next = "session-rescue setup --watcher"
  if (installed === null) return null
  if (runningVersion === null) return { message: "the watcher is set up and not running", next }
  return runningVersion === version
    ? null
    : { message: `the watcher that runs is version ${runningVersion}, this program is ${version}`, next }
}

function isOurs(path: string): boolean {
  try {
    const text = readTextFile(path)
    return text !== null && ownershipOf(text, sha256) !== "theirs"
  } catch {
    return false
  }
}
