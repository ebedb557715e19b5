import { isRescueError, type RescueError, unexpected } from "../domain/errors.ts"
import type { ExportResult, Unread } from "../domain/export/export.ts"
import { type ProgressReporter, reportTo } from "../domain/progress.ts"
import { sessionKey } from "../domain/session/session.ts"
import { shortId } from "../domain/session/session-id.ts"
import { NameIndex } from "../rescue/catalog/name-index.ts"
import { save } from "../rescue/export/save.ts"
import type { ClassifiedSession } from "../sdk/contracts.ts"
import { type Paths, pathsOf } from "../system/config/paths.ts"
import { collectPeriodically } from "../system/runtime/gc.ts"
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
  readonly version: string
  readonly reporter: ProgressReporter
  /** Label shown for every session; default: its short id. */
  readonly label?: string
}

/**
 * Exports one session after another; a failure does not stop the others. For a process whose transcript is
 * uncertain, every transcript that it may be writing is saved.
 */
export async function exportAll(
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
  options: ExportOptions,
): Promise<ExportReport> {
  const exporter = actPlugin<ExportResult>("export")
  const { paths, md5, version, reporter, label } = options
  const exports: { session: ClassifiedSession; result: ExportResult }[] = []
  const failures: ExportFailure[] = []
  const progress = reportTo(reporter, ctx.signal, 1 / 2) // each byte is copied, then compared
  const { warn } = ctx
  const examineWhole = createWholeExaminer(ctx)
  const readStored = storedReader(ctx.plugins)
  let unread: readonly Unread[] = []
  const collect = collectPeriodically()
  const listings = new Map<string, NameIndex>()
  const saving = {
    ...ctx,
    save(plan: Parameters<typeof save>[0]) {
      const { pending, archive } = pathsOf(paths, plan.session.agent)
      const listing = listings.get(pending) ?? new NameIndex(pending, archive)
      listings.set(pending, listing)
      const facts = { md5, version, now: () => new Date(), progress, warn, readStored }
      return save({ ...plan, unread }, { pending, archive, listing, ...facts })
    },
  }
  for (const session of await expandCandidates(sessions, ctx)) {
    if (ctx.signal.aborted) return { exports, failures, interrupted: true }
    reporter.begin(label ?? shortId(session.id) ?? "", session.sizeBytes, session.title)
    try {
      const whole = await examineWhole(session)
      unread = whole.unread
      const result = await exporter.act({ ...session, ...whole.session, flags: session.flags }, saving)
      if (result.status === "empty" && whole.trouble !== null) throw whole.trouble // safety: not-empty
      exports.push({ session, result })
      collect()
      reporter.end()
    } catch (thrown) {
      const error = isRescueError(thrown)
        ? thrown
        : unexpected(thrown, "nothing was published; please report this")
      reporter.end()
      if (error.code === "INTERRUPTED") return { exports, failures, interrupted: true }
      failures.push({ session, error })
    }
  }
  return { exports, failures, interrupted: false }
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
