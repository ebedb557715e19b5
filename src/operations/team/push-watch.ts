import { FolderWatch } from "../../system/fs/folder-watch.ts"
import type { PushReport } from "./push.ts"

/** Without any sign of a change: what no event tells. */
const idleMs = 5 * 60_000
/** Several archived exports in a row are one push. */
const settleMs = 1_000
const firstRetryMs = 5_000
const maxRetryMs = 10 * 60_000

/**
 * Pushes whenever something was archived, until a signal, or until the store says no: only a person fixes that. A store
 * that does not answer is asked again, after growing and partly random delays, without any limit.
 */
export async function pushOnChange(
  push: () => Promise<PushReport | null>,
  options: { readonly folders: () => readonly string[]; readonly signal: AbortSignal },
): Promise<PushReport | null> {
  const { folders, signal } = options
  const wake = new Wake(signal)
  const watch = new FolderWatch(() => wake.now())
  try {
    for (let failures = 0; ; ) {
      watch.watch(folders())
      wake.begin()
      const report = await push()
      if (report === null || signal.aborted || report.stopped?.code === "STORE_REFUSED") return report
      failures = report.stopped === null ? 0 : failures + 1
      if (failures > 0) await wake.after(retryMs(failures))
      else {
        await wake.changed(idleMs)
        await wake.after(settleMs)
      }
      if (signal.aborted) return report
    }
  } finally {
    watch.close()
  }
}

function retryMs(failures: number): number {
  return Math.min(maxRetryMs, firstRetryMs * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)
}

/** Waits for a change, for time, or for the end. */
class Wake {
  readonly #signal: AbortSignal
  #hasChanged = false
  #resolve: () => void = () => {}

  constructor(signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener("abort", () => this.#resolve(), { once: true })
  }

  /** What changes from here on is not part of the push that begins. */
  begin(): void {
    this.#hasChanged = false
  }

  now(): void {
    this.#hasChanged = true
    this.#resolve()
  }

  async changed(atMostMs: number): Promise<void> {
    if (!this.#hasChanged) await this.#wait(atMostMs)
  }

  /** Whatever changes. */
  async after(milliseconds: number): Promise<void> {
    const until = performance.now() + milliseconds
    for (let left = milliseconds; left > 0 && !this.#signal.aborted; left = until - performance.now())
      await this.#wait(left)
  }

  #wait(milliseconds: number): Promise<void> {
    if (this.#signal.aborted) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds)
      this.#resolve = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
