import { showPath } from "../../domain/disk-path.ts"
import type { Exported } from "../../domain/export/export.ts"
import { uninterruptible } from "../../domain/progress.ts"
import type { LoadedPlugin } from "../../plugin-host/protocol/loaded-plugin.ts"
import { formatSeconds } from "../../plugin-host/protocol/messages.ts"
import type { PostProcessOutcome, PostProcessRun } from "../../plugin-host/protocol/post-process-run.ts"
import { timeLimit } from "../../plugin-host/time-limit.ts"
import { findChanges, recordFileStates } from "../../rescue/protect/tamper-check.ts"
import type { PostProcessContext, PostProcessPlugin } from "../../sdk/contracts.ts"
import { systemFiles } from "../../system/fs/files.ts"
import { runProgram } from "../../system/process/run-program.ts"
import { writeWholeFile } from "../../system/writing/whole-file.ts"
import { exportedMessages } from "../indexing/recorded-messages.ts"

/**
 * Runs one post-process plugin on one export, then checks whether the export is unchanged. Never throws for
 * what the plugin does.
 */
export async function runPostProcess(
  plugin: LoadedPlugin<PostProcessPlugin>,
  exported: Exported,
  run: PostProcessRun,
): Promise<PostProcessOutcome> {
  const before = recordFileStates(exported)
  const outcome =
    plugin.source === "user"
      ? await runApart(plugin, exported, run)
      : await runInProcess(plugin.plugin, exported, run)
  const damaged = await findChanges(exported, before, uninterruptible) // safety: export-looked-at
  if (damaged.length === 0) return outcome
  const why = `it changed the export: ${damaged.join("; ")}`
  return { ...outcome, ok: false, why: outcome.ok ? why : `${outcome.why}; and ${why}`, damaged }
}

async function runApart(plugin: LoadedPlugin<PostProcessPlugin>, exported: Exported, run: PostProcessRun) {
  const { runInWorker } = await import("../../plugin-host/host/run-once.ts")
  return runInWorker(plugin, exported, run)
}

async function runInProcess(
  plugin: PostProcessPlugin,
  exported: Exported,
  run: PostProcessRun,
): Promise<PostProcessOutcome> {
  const limit = timeLimit(run.signal, run.timeoutMs)
  const { signal } = limit
  try {
    const result = await Promise.race([
      plugin.run(exported, contextFor(plugin.name, run, signal)),
      whenAborted(signal),
    ])
    return { ok: true, result }
  } catch (error) {
    if (run.signal.aborted) return { ok: false, why: "interrupted" }
    if (limit.isOver)
      return { ok: false, why: `it took longer than ${formatSeconds(run.timeoutMs)}`, late: true }
    if (!(error instanceof Error)) return { ok: false, why: String(error) }
    return { ok: false, why: error.message, result: "result" in error ? error.result : undefined }
  } finally {
    limit.end()
  }
}

function contextFor(name: string, run: PostProcessRun, signal: AbortSignal): PostProcessContext {
  return {
    files: systemFiles((path, error) =>
      run.warn(`${name}: ${showPath(path)} cannot be read: ${error.message}`),
    ),
    log: (message) => run.warn(`${name}: ${message}`),
    async run(program, options = {}) {
      await run.beforeProgram?.()
      return runProgram(program, { ...options, signal })
    },
    paths: run.paths,
    options: run.options,
    index: (exported) => run.readIntoIndex(exported, signal),
    messages: (exported) => exportedMessages(exported, signal),
    writeWhole: writeWholeFile,
    signal,
  }
}

function whenAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const fail = () => reject(new Error("aborted"))
    if (signal.aborted) fail()
    else signal.addEventListener("abort", fail, { once: true })
  })
}
