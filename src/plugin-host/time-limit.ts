/** A signal that comes when the outer one does, or when the time is over. */
export interface TimeLimit {
  readonly signal: AbortSignal
  /** It was the time. */
  readonly isOver: boolean
  /** What was waited for is there: nothing is left behind that holds on to it. */
  end(): void
}

/**
 * `AbortSignal.timeout` and `any` would do, but keep all that hangs on them until the time is over: of thousands of
 * exports, hours.
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
