import { type FSWatcher, statSync, watch } from "node:fs"

interface Watched {
  readonly watcher: FSWatcher
  readonly inode: number
}

/**
 * Tells that something changed in one of these folders. An event is a hint to look, never a fact: a folder that is
 * missing, behind a link or on a network share reports nothing, so a timer has to look too.
 */
export class FolderWatch {
  readonly #watched = new Map<string, Watched>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Watches exactly these folders from now on; one that was missing or replaced is tried again. */
  watch(folders: readonly string[]): void {
    const wanted = new Set(folders)
    for (const [folder, { inode }] of this.#watched) {
      // a watch on a folder that was removed or replaced is blind
      if (!wanted.has(folder) || inodeOf(folder) !== inode) this.#forget(folder)
    }
    for (const folder of wanted) if (!this.#watched.has(folder)) this.#start(folder)
  }

  close(): void {
    this.watch([])
  }

  #start(folder: string): void {
    const inode = inodeOf(folder)
    if (inode === null) return // missing: the timer looks
    try {
      const watcher = watch(folder, { persistent: false }, () => this.#onChange())
      watcher.on("error", () => this.#forget(folder))
      this.#watched.set(folder, { watcher, inode })
    } catch {
      // gone by now, or the system has no watch left: the timer looks
    }
  }

  #forget(folder: string): void {
    this.#watched.get(folder)?.watcher.close()
    this.#watched.delete(folder)
  }
}

function inodeOf(folder: string): number | null {
  try {
    return statSync(folder).ino
  } catch {
    return null
  }
}
