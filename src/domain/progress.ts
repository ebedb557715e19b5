/** Progress and cancellation of long work. */
export interface Progress {
  readonly signal: AbortSignal
  /** Bytes processed since the last call. */
  advance(bytes: number): void
}

/** Can be cancelled, and reports nothing. */
export function silent(signal: AbortSignal): Progress {
  return { signal, advance() {} }
}

/** For work that nothing cancels. */
export const uninterruptible = silent(new AbortController().signal)

/** Shows long work to a person: one item after another, each with the bytes to process. */
export interface ProgressReporter {
  begin(label: string, bytes: number): void
  /** Bytes processed since the last call. */
  advance(bytes: number): void
  end(): void
}

export const silentReporter: ProgressReporter = { begin() {}, advance() {}, end() {} }

/** `scale`: bytes shown for one byte processed, where each is processed more than once. */
export function reportTo(reporter: ProgressReporter, signal: AbortSignal, scale = 1): Progress {
  return { signal, advance: (bytes) => reporter.advance(bytes * scale) }
}
