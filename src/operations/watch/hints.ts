import { type Paths, watchFolder } from "../../system/config/paths.ts"
import type { Files } from "../../system/fs/files.ts"
import { readWatchState, runningWatcher, stateFile } from "./state.ts"

/** The watcher is looked for again after this. */
const standingValidMs = 10_000

/** What the watcher has seen, for a list that is open: it need not look for the same changes itself. */
export class WatcherHints {
  readonly #paths: Pick<Paths, "data">
  readonly #files: Files
  #askedAt = Number.NEGATIVE_INFINITY
  #isRunning = false
  #mark = ""
  #changes: number | null = null

  constructor(paths: Pick<Paths, "data">, files: Files) {
    this.#paths = paths
    this.#files = files.quiet
  }

  /** The folder in which something changes when the watcher sees a change. */
  get folder(): string {
    return watchFolder(this.#paths)
  }

  /** Whether a watcher runs. */
  async areThere(): Promise<boolean> {
    if (performance.now() - this.#askedAt > standingValidMs) {
      this.#isRunning = (await runningWatcher(readWatchState(this.#paths, this.#files))) !== null
      this.#askedAt = performance.now()
    }
    return this.#isRunning
  }

  /** Whether it has seen a change since the last call. */
  haveChanged(): boolean {
    const stat = this.#files.stat(stateFile(this.#paths))
    const mark = `${stat?.inode} ${stat?.modifiedAt}`
    if (mark === this.#mark) return false
    this.#mark = mark
    const changes = readWatchState(this.#paths, this.#files)?.changes ?? null
    const isNew = changes !== this.#changes
    this.#changes = changes
    return isNew
  }
}
