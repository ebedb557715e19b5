import { readInBackground } from "../pipeline/refresh.ts"
import { silentWatcher } from "../pipeline/watcher.ts"
import { type ExitCode, exitCodes } from "../session/errors.ts"
import { interruption } from "../system/interruption.ts"
import { stepBack } from "../system/step-back.ts"
import { openEnvironment } from "./environment.ts"

/**
 * What a question starts when there is more to read than it can wait for; no command for people. There is nobody to be
 * told what went wrong: the next question meets the same trouble, and says so.
 */
export async function refreshIndex(): Promise<ExitCode> {
  stepBack()
  try {
    const { ctx, paths } = await openEnvironment({ flags: new Map(), names: [] }, interruption(), [])
    await readInBackground(paths, ctx, silentWatcher)
    return exitCodes.done
  } catch {
    return exitCodes.failed
  }
}
