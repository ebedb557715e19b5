import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import { type LockFile, readLocks } from "../../rescue/io/lock.ts"
import type { PostProcessPlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { extractorName, type PendingItem, readPendingItems } from "./queue.ts"
import { type PluginState, QueueStates, readStates } from "./state.ts"

/** How often a plugin is tried on one export; only the extractor is retried without limit. */
export const maxAttempts = 3

/** Whether a plugin still has to run on an export; `again`: also after its attempts are used up. */
export function isOutstanding(
  states: QueueStates,
  name: string,
  { plugin }: LoadedPlugin<PostProcessPlugin>,
  again = false,
): boolean {
  const state = states.of(name, plugin.name)
  if (state === null) return true
  return state.status === "failed" && (again || plugin.name === extractorName || state.attempts < maxAttempts)
}

export interface QueueEntry {
  readonly waiting: PendingItem
  readonly states: readonly PluginState[]
  /** Plugins that have not run on the export, or will be retried. */
  readonly outstanding: readonly string[]
  readonly lock: LockFile | null
}

export async function readQueue(
  paths: Paths,
  plugins: readonly LoadedPlugin<PostProcessPlugin>[],
  signal: AbortSignal,
): Promise<readonly QueueEntry[]> {
  const locks = await readLocks(paths.pending)
  const states = new QueueStates(paths.pending)
  return (await readPendingItems(paths, signal)).map((waiting) => ({
    waiting,
    states: readStates(paths.pending, waiting.name),
    outstanding: plugins
      .filter((each) => isOutstanding(states, waiting.name, each))
      .map(({ plugin }) => plugin.name),
    lock: locks.find((lock) => lock.export === waiting.name && !lock.stale) ?? null,
  }))
}
