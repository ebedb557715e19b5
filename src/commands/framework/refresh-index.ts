import { type ExitCode, exitCodes } from "../../domain/errors.ts"
import { silentReporter } from "../../domain/progress.ts"
import { readInBackground } from "../../operations/search/refresh-index.ts"
import { lowerPriority } from "../../system/runtime/lower-priority.ts"
import { interruptSignal } from "../../system/runtime/signals.ts"
import { openEnvironment } from "./environment.ts"

/**
 * What a question starts when there is more to read than it can wait for; no command for people. There is nobody to be
 * told what went wrong: the next question meets the same trouble, and says so.
 */
export async function runBackgroundRefresh(): Promise<ExitCode> {
  lowerPriority()
  try {
    const { ctx, paths } = await openEnvironment({ flags: new Map(), names: [] }, interruptSignal(), [])
    await readInBackground(paths, ctx, silentReporter)
    return exitCodes.done
  } catch {
    return exitCodes.failed
  }
}
