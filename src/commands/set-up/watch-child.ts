import { MiB } from "../../domain/bytes.ts"
import { type ExitCode, exitCodes } from "../../domain/errors.ts"
import { version } from "../../domain/version.ts"
import type { ChildQuery } from "../../operations/watch/children.ts"
import { lookForWatcher } from "../../operations/watch/look.ts"
import { saveForWatcher } from "../../operations/watch/save.ts"
import { readInput } from "../../system/process/self-path.ts"
import { lowerPriority } from "../../system/runtime/lower-priority.ts"
import { interruptSignal } from "../../system/runtime/signals.ts"
import { writeStdout } from "../../system/terminal/stdout.ts"
import { openEnvironment } from "../framework/environment.ts"

const inputTimeoutMs = 10_000

/**
 * What the watcher starts to look and to save; no command for people. Both stay out of its own process, which thus never
 * grows. It is asked on standard input, and answers with one JSON document.
 */
export async function runWatchChild(): Promise<never> {
  lowerPriority()
  let code: ExitCode = exitCodes.failed
  try {
    code = await answer(await readInput(inputTimeoutMs, 16 * MiB))
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`)
  }
  process.exit(code) // at once: the timer for an input that never ends is still there
}

async function answer(text: string | null): Promise<ExitCode> {
  if (text === null) return exitCodes.usage
  const { data, hungAfter, look, save } = JSON.parse(text) as ChildQuery
  const flags = new Map([
    ["data-dir", data],
    ...(hungAfter === null ? [] : [["hung-after", hungAfter] as const]),
  ])
  const signal = interruptSignal()
  const environment = await openEnvironment({ flags, names: [] }, signal, [])
  const { ctx, paths, config, warnings } = environment
  const document =
    look !== undefined
      ? { ...(await lookForWatcher(look, { ctx, paths, version })), warnings }
      : {
          results: await saveForWatcher(save ?? [], { ctx, paths, version, maxBytes: config.watch.maxBytes }),
          warnings,
        }
  writeStdout(`${JSON.stringify(document)}\n`)
  return exitCodes.done
}
