import type { Config } from "../../system/config/config.ts"
import type { Paths } from "../../system/config/paths.ts"
import { systemFiles } from "../../system/fs/files.ts"
import { watchOnce } from "./once.ts"
import { lockWatch, openWatch } from "./open.ts"
import { readWatchState, runningWatcher } from "./state.ts"
import type { WatchEvent } from "./watcher-facts.ts"
import { fullLookEveryMs } from "./watching.ts"

/** The turns of two sessions may end at once: the second looks after the first. */
const maxWaitMs = 20_000
const pollMs = 200

/** Whether a resident watcher does what these hooks are for. */
export async function isWatched(paths: Pick<Paths, "data">): Promise<boolean> {
  const state = readWatchState(
    paths,
    systemFiles(() => {}),
  )
  return (await runningWatcher(state)) !== null
}

/** Makes the watcher's look at the end of a turn, and when the client waits for its user, where no watcher runs. */
export async function lookForHook(
  event: string,
  {
    paths,
    config,
    onEvent,
  }: { readonly paths: Paths; readonly config: Config; readonly onEvent: (event: WatchEvent) => void },
): Promise<void> {
  if (await isWatched(paths)) return
  const lock = await waitForLock(paths)
  if (lock === null) return
  try {
    const facts = await openWatch({
      ...{ paths, config, at: null, hungAfter: null, onTerminal: false, onEvent },
      // the client itself says that it waits
      ...(event === "Notification" ? { waitingAfterMs: 0 } : {}),
    })
    const { lastFullLookAt } = facts.watching.state
    const isDue = lastFullLookAt === null || Math.abs(Date.now() - lastFullLookAt) > fullLookEveryMs
    // a session that has just started is not news: what its client deletes soon may be
    if (event !== "SessionStart" || isDue) await watchOnce(facts)
  } finally {
    lock.release()
  }
}

async function waitForLock(paths: Paths): ReturnType<typeof lockWatch> {
  for (let waited = 0; waited < maxWaitMs; waited += pollMs) {
    const lock = await lockWatch(paths)
    if (lock !== null) return lock
    await Bun.sleep(pollMs)
  }
  return null
}
