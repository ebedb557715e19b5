/** This process's own runtime: its signals, event loop, garbage collection and priority. */
import { type ExitCode, exitCodes } from "../../domain/errors.ts"

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const

let irrevocable = false
let hungUp = false
let terminated = false

/** Ctrl-C lets the current step finish cleanly and starts nothing new; a second Ctrl-C exits at once. */
export function interruptSignal(): AbortSignal {
  const controller = new AbortController()
  for (const signal of signals) {
    process.on(signal, () => {
      if (controller.signal.aborted && !irrevocable) process.exit(exitCodes.interrupted)
      if (signal === "SIGHUP") hungUp = true
      if (signal === "SIGTERM") terminated = true
      controller.abort()
    })
  }
  process.on("SIGXFSZ", () => {}) // a write beyond ulimit -f then fails instead of killing the process
  return controller.signal
}

/**
 * The exit code of a command that runs until a signal stops it. TERM is how a service manager stops what it started, and
 * systemd calls every other code a failure (systemd.service(5), SuccessExitStatus).
 */
export function exitCodeWhenStopped(): ExitCode {
  return terminated ? exitCodes.done : exitCodes.interrupted
}

/**
 * Standard error is only read by people: when its reader has gone away (`2>&1 | head`) or its disk is full, the work
 * goes on, and the exit code stays what it is. Without a listener that error would end the process.
 */
export function ignoreStderrErrors(): void {
  process.stderr.on("error", () => {}) // safety: stderr-gone
}

/**
 * Exits once the terminal is gone and all current work is finished: reading from and drawing on a closed terminal would
 * loop at full CPU load (observed with a menu whose window was closed).
 */
export function exitIfHungUp(code: number): void {
  if (hungUp) process.exit(code)
}

/** Something irrevocable has begun: from here on the report must be complete, however often Ctrl-C is pressed. */
export function forbidImmediateExit(): void {
  irrevocable = true
}

/** The irrevocable work is finished and its report was printed. */
export function allowImmediateExit(): void {
  irrevocable = false
}
