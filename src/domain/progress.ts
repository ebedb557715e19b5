/** Progress reporting and cancellation for long-running work. */
export interface Progress {
  readonly signal: AbortSignal
  /** Bytes processed since the last call. */
  advance(bytes: number): void
}

/** Supports cancellation; reports nothing. */
export function silent(signal: AbortSignal): Progress {
  return { signal, advance() {} }
}

/** For work that nothing cancels. */
export const uninterruptible = silent(new AbortController().signal)

/** Progress display: one item after another, each with the bytes to process. */
export interface ProgressReporter {
  /** `title`: raw, of the session that the item belongs to. */
  begin(label: string, bytes: number, title?: string | null): void
  /** Bytes processed since the last call. */
  advance(bytes: number): void
  end(): void
}

export const silentReporter: ProgressReporter = { begin() {}, advance() {}, end() {} }

/** `scale`: bytes shown per byte processed, for work that processes each byte more than once. */
export function reportTo(reporter: ProgressReporter, signal: AbortSignal, scale = 1): Progress {
  return { signal, advance: (bytes) => reporter.advance(bytes * scale) }
}
