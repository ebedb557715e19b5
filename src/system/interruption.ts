import { exitCodes } from "../session/errors.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

let irrevocable = false

/** Ctrl-C lets the step under way end cleanly and nothing new begin; a second one leaves at once. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of signals) {
    process.on(signal, () => {
      if (controller.signal.aborted && !irrevocable) process.exit(exitCodes.interrupted)
      controller.abort()
    })
  }
  process.on("SIGXFSZ", () => {}) // a write beyond ulimit -f then fails instead of ending us
  return controller.signal
}

/** Something irrevocable has begun: from here on the report must come out whole, however often Ctrl-C is pressed. */
export function neverLeaveAtOnce(): void {
  irrevocable = true
}

/** It is over, and its report is out. */
export function leaveAtOnceAgain(): void {
  irrevocable = false
}
