import { interrupted, isRescueError, type RescueError, unexpected } from "../domain/errors.ts"
import type { ExportResult, SavePlan } from "../domain/export/export.ts"
import { type ProgressReporter, reportTo } from "../domain/progress.ts"
import { sessionKey } from "../domain/session/session.ts"
import { shortId } from "../domain/session/session-id.ts"
import { NameIndex } from "../rescue/catalog/name-index.ts"
import { maxWrittenBytes } from "../rescue/copy/written-copy.ts"
import { FolderFlushes } from "../rescue/export/folder-flushes.ts"
import type { SaveOptions } from "../rescue/export/save.ts"
import { SaveGroups } from "../rescue/export/save-groups.ts"
import { isTooManyOpenFiles } from "../rescue/io/source-errors.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { type Paths, pathsOf } from "../system/config/paths.ts"
import { collectGarbage, collectPeriodically } from "../system/runtime/gc.ts"
import { tryClassify } from "./classify.ts"
import { createWholeExaminer } from "./examine-whole.ts"
import { actPlugin } from "./plugin-registry.ts"
import { storedReader } from "./read-stored.ts"
import type { RunContext } from "./run-context.ts"

export interface ExportFailure {
  /** null: a place that could not be read, whatever it contains. */
  readonly session: ClassifiedSession | null
  readonly error: RescueError
}

export interface ExportReport {
  readonly exports: readonly { readonly session: ClassifiedSession; readonly result: ExportResult }[]
  readonly failures: readonly ExportFailure[]
  readonly interrupted: boolean
}

export interface ExportOptions {
  readonly paths: Paths
  readonly md5: boolean
  /** Whether an unchanged export is read again; always where something depends on it. */
  readonly unchanged: SaveOptions["unchanged"]
  readonly version: string
  readonly reporter: ProgressReporter
  /** Label shown for every session; default: its short id. */
  readonly label?: string
}

/** One session with more files than this is flushed as a group is. */
const maxAloneFiles = 6

/**
 * Exports all sessions, small ones in groups; a failure does not stop the others. For a process whose transcript is
 * uncertain, every transcript that it may be writing is saved.
 */
export async function exportAll(
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
  options: ExportOptions,
): Promise<ExportReport> {
  const { reporter, label } = options
  const all = await expandCandidates(sessions, ctx)
  const groups = new SaveGroups(saveOptions(ctx, options))
  const exportOne = createExporter(ctx, groups, (plan) =>
    groups.save(plan, all.length === 1 && plan.files.length <= maxAloneFiles),
  )
  const collect = collectPeriodically()
  const outcomes: Promise<Outcome>[] = []
  let cutOff = false
  try {
    for (const session of all) {
      if (ctx.signal.aborted) break
      reporter.begin(label ?? shortId(session.id) ?? "", session.sizeBytes, session.title)
      if (session.sizeBytes > maxWrittenBytes) await groups.commit() // it takes a while
      const staged = groups.nextStaged()
      const outcome = exportOne(session)
      outcomes.push(outcome)
      await Promise.race([outcome, staged])
      if (groups.isDue) {
        await groups.commit()
        collectGarbage() // the buffers of a group
      }
      collect()
      reporter.end()
    }
    if (ctx.signal.aborted) groups.abandon(interrupted())
    else if (groups.isWaiting) {
      await groups.commit()
      reporter.end() // it has drawn its progress
    }
  } finally {
    groups.close()
  }
  const exports: ExportReport["exports"][number][] = []
  const failures: ExportFailure[] = []
  for (const outcome of await Promise.all(outcomes)) {
    if ("result" in outcome) exports.push(outcome)
    else if (outcome.error.code === "INTERRUPTED") cutOff = true
    else failures.push(outcome)
  }
  return { exports, failures, interrupted: cutOff || outcomes.length < all.length }
}

function saveOptions(ctx: RunContext, { paths, md5, unchanged, version, reporter }: ExportOptions) {
  const facts = {
    md5,
    unchanged,
    flushes: new FolderFlushes(),
    version,
    now: () => new Date(),
    progress: reportTo(reporter, ctx.signal, 1 / 2), // each byte is copied, then compared
    warn: ctx.warn,
    readStored: storedReader(ctx.plugins),
  }
  return (agent: string): SaveOptions => {
    const { pending, archive } = pathsOf(paths, agent)
    return { pending, archive, listing: new NameIndex(pending, archive), ...facts }
  }
}

type Outcome = ExportReport["exports"][number] | { session: ClassifiedSession; error: RescueError }

/** Never rejects. With too many files open, those that wait are saved first, and it is tried again. */
function createExporter(
  ctx: RunContext,
  groups: SaveGroups,
  save: (plan: SavePlan) => Promise<ExportResult>,
): (session: ClassifiedSession) => Promise<Outcome> {
  const exporter = actPlugin<ExportResult>("export")
  const examineWhole = createWholeExaminer(ctx)
  const exportOne = async (session: ClassifiedSession) => {
    const whole = await examineWhole(session)
    const saving = { ...ctx, save: (plan: SavePlan) => save({ ...plan, unread: whole.unread }) }
    const result = await exporter.act({ ...session, ...whole.session, flags: session.flags }, saving)
    if (result.status === "empty" && whole.trouble !== null) throw whole.trouble // safety: not-empty
    return { session, result }
  }
  return async (session) => {
    try {
      try {
        return await exportOne(session)
      } catch (error) {
        if (!isRescueError(error) || !isTooManyOpenFiles(error) || !groups.isWaiting) throw error
        await groups.commit()
        return await exportOne(session)
      }
    } catch (thrown) {
      const hint = "nothing was published; please report this"
      return { session, error: isRescueError(thrown) ? thrown : unexpected(thrown, hint) }
    }
  }
}

async function expandCandidates(
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
): Promise<readonly ClassifiedSession[]> {
  const expanded = await Promise.all(
    sessions.map(async (session) => {
      if (session.candidates.length === 0) return [session] // safety: every-candidate
      const each = await Promise.all(session.candidates.map((candidate) => tryClassify(candidate, ctx)))
      const { state, detail } = session // whichever transcript it is, a live process holds it
      return each.map((candidate) => ({
        ...candidate,
        state,
        detail,
        flags: [...candidate.flags, "ambiguous" as const],
      }))
    }),
  )
  // two processes may hold the same transcript; it is saved once
  return [...new Map(expanded.flat().map((session) => [sessionKey(session), session])).values()]
}
