/** A signal that aborts when the outer one does, or after a timeout. */
export interface TimeLimit {
  readonly signal: AbortSignal
  /** Whether the timeout has fired. */
  readonly isOver: boolean
  /** Call when the work is done: clears the timer and the listener. */
  end(): void
}

/**
 * `AbortSignal.timeout` and `any` would keep everything attached to them alive until the timeout: hours, for
 * each of thousands of exports.
 */
export function timeLimit(outer: AbortSignal, milliseconds: number): TimeLimit {
  const limit = new AbortController()
  let isOver = false
  const stop = () => limit.abort()
  const timer = setTimeout(() => {
    isOver = true
    stop()
  }, milliseconds)
  timer.unref()
  if (outer.aborted) stop()
  else outer.addEventListener("abort", stop, { once: true })
  return {
    signal: limit.signal,
    get isOver() {
      return isOver
    },
    end() {
      clearTimeout(timer)
      outer.removeEventListener("abort", stop)
    },
  }
}
