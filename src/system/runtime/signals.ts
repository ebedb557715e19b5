import { exitCodes } from "../../domain/errors.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

let irrevocable = false
let hungUp = false

/** Ctrl-C lets the step under way end cleanly and nothing new begin; a second one leaves at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController()
  for (const signal of signals) {
    process.on(signal, () => {
      if (controller.signal.aborted && !irrevocable) process.exit(exitCodes.interrupted)
      if (signal === "SIGHUP") hungUp = true
      controller.abort()
    })
  }
  process.on("SIGXFSZ", () => {}) // a write beyond ulimit -f then fails instead of ending us
  return controller.signal
}

/**
 * Ends the process once its terminal is gone, when all that was under way is over: reading and drawing on what is not
 * there any more would go on for ever, on a whole processor (seen with a menu whose window was closed).
 */
export function exitIfHungUp(code: number): void {
  if (hungUp) process.exit(code)
}

/** Something irrevocable has begun: from here on the report must come out whole, however often Ctrl-C is pressed. */
export function forbidImmediateExit(): void {
  irrevocable = true
}

/** It is over, and its report is out. */
export function allowImmediateExit(): void {
  irrevocable = false
}
