import { exitCodes } from "../session/errors.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

let ignored = false

/** Ctrl-C lets the step under way end cleanly; a second one leaves at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of signals) {
    process.on(signal, () => {
      if (ignored) return
      if (controller.signal.aborted) process.exit(exitCodes.interrupted)
      controller.abort()
    })
  }
  process.on("SIGXFSZ", () => {}) // a write beyond ulimit -f then fails instead of ending us
  return controller.signal
}

/** From here on the report must come out whole: something irrevocable has begun. */
export function ignoreInterruptions(): void {
  ignored = true
}
