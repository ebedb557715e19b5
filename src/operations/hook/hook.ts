import type { HookInput } from "../../domain/client-config/hook-input.ts"
import { interrupted, isRescueError, RescueError } from "../../domain/errors.ts"
import type { ExportResult } from "../../domain/export/export.ts"
import { silentReporter } from "../../domain/progress.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { exportAll } from "../../pipeline/export-sessions.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import { matchesName } from "../../pipeline/naming/select-sessions.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { type Paths, pathsOf } from "../../system/config/paths.ts"
import { openProcess } from "../../system/process/process-handle.ts"
import { prunePending } from "../exports/prune.ts"

/** What a hook did, for its log. */
export interface HookReport {
  readonly result: ExportResult | RescueError
  /** Older pending copies of the session, which the new one holds byte for byte. */
  readonly removed: number
}

const maxWaitMs = 10_000
const pollMs = 50

/**
 * Saves the session that the client named. When it ends, its client still writes a last record behind the hook's
 * back: then it is saved at once, and again when its client is gone. Each time the new copy takes the place of the
 * older pending ones that it contains, so that a hook never fills the disk.
 */
export async function saveForHook(
  input: HookInput,
  event: string,
  options: { readonly ctx: RunContext; readonly paths: Paths; readonly version: string },
): Promise<HookReport> {
  const found = await findSession(input, options.ctx)
  if (found === null) return { result: sessionNotFound(input), removed: 0 }
  const first = await saveAndReplace(found, options)
  if (event !== "SessionEnd" || found.process === null || isRescueError(first.result)) return first
  await waitForExit(found.process)
  const anew = { ...options, ctx: freshContext(options.ctx) }
  const later = await findSession(input, anew.ctx)
  if (later === null) return first
  const last = await saveAndReplace(later, anew)
  return { result: last.result, removed: first.removed + last.removed }
}

/** Saves a session; the copy takes the place of the older pending ones that it contains. */
export async function saveAndReplace(
  found: FoundSession,
  { ctx, paths, version }: { ctx: RunContext; paths: Paths; version: string },
): Promise<HookReport> {
  const session = await tryClassify(found, ctx)
  const report = await exportAll([session], ctx, {
    paths,
    md5: false,
    unchanged: "recorded",
    version,
    reporter: silentReporter,
  })
  const [failure] = report.failures
  if (failure !== undefined) return { result: failure.error, removed: 0 }
  const [saved] = report.exports
  if (saved === undefined) return { result: interrupted(), removed: 0 }
  const { id, status } = saved.result
  if (id === null || status === "empty" || status === "unconfirmed")
    return { result: saved.result, removed: 0 }
  const { removed } = await prunePending(id, {
    paths: pathsOf(paths, session.agent),
    dryRun: false,
    readStored: storedReader(ctx.plugins),
    reporter: silentReporter,
    signal: ctx.signal,
  })
  return { result: saved.result, removed: removed.length }
}

/** By its transcript, which is certain; by its id where there is only one of it. */
async function findSession({ id, transcript }: HookInput, ctx: RunContext): Promise<FoundSession | null> {
  const all = await detectAll(ctx, null)
  const byPath = transcript === null ? [] : all.filter((each) => matchesName(transcript, each, ctx))
  const fits = byPath.length > 0 || id === null ? byPath : all.filter((each) => each.id === id)
  return fits.find((each) => each.process !== null) ?? fits[0] ?? null
}

async function waitForExit(process: NonNullable<FoundSession["process"]>): Promise<void> {
  const held = await openProcess(process).catch(() => null)
  if (held === null) return
  try {
    for (let waited = 0; waited < maxWaitMs && !(await held.hasExited()); waited += pollMs)
      await Bun.sleep(pollMs)
  } finally {
    held.release()
  }
}

function sessionNotFound({ id, transcript }: HookInput): RescueError {
  return new RescueError(
    "SESSION_NOT_FOUND",
    `no session ${id ?? ""} at ${transcript ?? "any path"}`,
    "nothing to save",
  )
}
