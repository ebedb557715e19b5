import { type FSWatcher, watch } from "node:fs"

/**
 * Tells that something changed in one of these folders. An event is a hint to look, never a fact: a folder that is
 * missing, behind a link or on a network share reports nothing, so a timer has to look too.
 */
export class FolderWatch {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #onChange: () => void

  constructor(onChange: () => void) {
    this.#onChange = onChange
  }

  /** Watches exactly these folders from now on; one that was missing or replaced is tried again. */
  watch(folders: readonly string[]): void {
    const wanted = new Set(folders)
    for (const [folder, watcher] of this.#watchers) {
      if (wanted.has(folder)) continue
      watcher.close()
      this.#watchers.delete(folder)
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#start(folder)
  }

  close(): void {
    this.watch([])
  }

  #start(folder: string): void {
    try {
      const watcher = watch(folder, { persistent: false }, (kind) => {
        if (kind === "rename") this.#forgetIfGone(folder)
        this.#onChange()
      })
      watcher.on("error", () => this.#forget(folder))
      this.#watchers.set(folder, watcher)
    } catch {
      // missing, or the system has no watch left: the timer looks
    }
  }

  /** A watch on a folder that was removed or replaced is blind: the next call of `watch` makes a new one. */
  #forgetIfGone(folder: string): void {
    try {
      watch(folder, { persistent: false }).close()
    } catch {
      this.#forget(folder)
    }
  }

  #forget(folder: string): void {
    this.#watchers.get(folder)?.close()
    this.#watchers.delete(folder)
  }
}
