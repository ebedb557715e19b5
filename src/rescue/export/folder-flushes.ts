import { flushFolder } from "../../system/fs/durable.ts"

/** A file system's clock may lag behind by a step. */
const maxClockLagMs = 50

/** Flushes of folders in one run: what got its name before one has it on the disk. */
export class FolderFlushes {
  readonly #begun = new Map<string, { readonly at: number; readonly flushed: boolean }>()

  /** Whether names that were given up to a time are on the disk; flushes the folder if that is not known. */
  has(folder: string, namedAtMs: number): boolean {
    const last = this.#begun.get(folder)
    if (last !== undefined && namedAtMs + maxClockLagMs < last.at) return last.flushed // safety: recorded-flush-age
    const at = Date.now()
    const flushed = flushFolder(folder) // safety: recorded-fsync
    this.#begun.set(folder, { at, flushed })
    return flushed
  }
}
