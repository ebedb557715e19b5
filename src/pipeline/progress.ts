/** What long work tells whoever shows it: one item after another, each with the bytes it will deal with. */
export interface Watcher {
  begins(label: string, bytes: number): void
  /** Bytes dealt with since the last call. */
  progress(bytes: number): void
  ends(): void
}

export const silentWatcher: Watcher = { begins() {}, progress() {}, ends() {} }
