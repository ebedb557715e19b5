import { type Lock, lockExport } from "../../rescue/io/lock.ts"
import { type Paths, watchFolder } from "../../system/config/paths.ts"
import { makeFolders } from "../../system/fs/durable.ts"

const lockName = "saving"
const pollMs = 50

/** `alone`: no other copy of this kind is being made. `beside another`: the one that is takes longer than was waited for. */
export interface SaveTurn {
  readonly is: "alone" | "beside another"
  end(): void
}

/**
 * The copies that the watcher and the hooks make are made one at a time in a data folder: then two never copy the same, and
 * each counts what the others have taken of the space. No copy is left out for it: when the wait is over, when this process is
 * to end, and where no lock can be made, it is made all the same.
 */
export async function takeTurn(
  paths: Pick<Paths, "data">,
  { waitMs, signal }: { readonly waitMs: number; readonly signal: AbortSignal },
): Promise<SaveTurn> {
  for (let waited = 0; ; waited += pollMs) {
    const lock = await tryLock(paths)
    if (lock !== null) return { is: "alone", end: () => lock.release() }
    if (waited >= waitMs || signal.aborted) return { is: "beside another", end: () => {} } // safety: turn-waits-bounded
    await Bun.sleep(pollMs)
  }
}

/** null while another process holds it. A disk that is full or cannot be written to fails the copy with better words. */
async function tryLock(paths: Pick<Paths, "data">): Promise<Pick<Lock, "release"> | null> {
  try {
    makeFolders(watchFolder(paths), false)
    return await lockExport(watchFolder(paths), lockName) // safety: save-in-turn
  } catch {
    return { release: () => {} }
  }
}
