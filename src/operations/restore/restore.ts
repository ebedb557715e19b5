import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { interrupted, isRescueError, RescueError } from "../../domain/errors.ts"
import type { ExportResult, ReadStored, SavedExport } from "../../domain/export/export.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { type Progress, type ProgressReporter, reportTo } from "../../domain/progress.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { restoreFiles } from "../../rescue/restore/restore.ts"
import { checkExport, isDamage } from "../../rescue/verify/check-export.ts"
import type { Paths } from "../../system/config/paths.ts"
import { assertNotGrowing, assertNotInUse, type SessionPlace } from "./in-use.ts"
import { planRestore, type RestorePlan } from "./plan.ts"
import type { RestoreReport } from "./report.ts"
import { resumeAfterRestore } from "./resume-command.ts"
import { type RestoreRoot, resolveRoot } from "./root.ts"
import { saveReplaced } from "./save-replaced.ts"

export interface RestoreOptions {
  readonly paths: Paths
  readonly version: string
  readonly reporter: ProgressReporter
  /** A folder of the person's own choice, instead of the client's home. */
  readonly to: string | null
  /** The folder under which its client is to find it, instead of the one it was in. */
  readonly folder: string | null
  readonly force: boolean
  readonly dryRun: boolean
}

/**
 * Puts one export back where its client finds it, or unpacks it into a folder. Nothing there is replaced by a
 * different file without `force`, which saves it first; nothing is done while somebody works on that session. What
 * comes back was compared with the manifest after it was written.
 */
export async function restoreExport(
  saved: SavedExport,
  ctx: RunContext,
  options: RestoreOptions,
): Promise<RestoreReport> {
  const root = resolveRoot(saved, options, ctx)
  const { cwd, agent, title } = saved.manifest.session
  const place: SessionPlace = { agent, id: root.id, home: root.path, cwd, folder: root.folder }
  const { signal } = ctx
  const { reporter } = options
  const progress = reportTo(reporter, signal)
  const whole = () => reporter.begin(shortId(root.id), totalBytes(saved.manifest), title)
  const readStored = storedReader(ctx.plugins, "evicted")
  try {
    const here = root.plugin === null ? [] : await assertNotInUse(place, ctx)
    await assertNotGrowing(here, ctx)
    whole()
    const plan = await planRestore(saved, { root, force: options.force, ctx, progress }).finally(() =>
      reporter.end(),
    )
    if (options.dryRun) {
      whole()
      await assertUndamaged(saved, readStored, progress).finally(() => reporter.end())
      return report(saved, root, plan, [], true)
    }
    const replaced = plan.files.filter(({ outcome }) => outcome === "replaced")
    const before = replaced.length === 0 ? [] : await saveReplaced(here, replaced, ctx, options) // safety: restore-saves-first
    const missing = plan.files.filter(({ outcome }) => outcome === "restored" || outcome === "replaced")
    const bytes = missing.reduce((sum, { file }) => sum + file.length, 0)
    reporter.begin(shortId(root.id), 2 * bytes, title) // written, then read again
    const { confirmed } = await restoreFiles(
      saved,
      missing,
      plan.links.filter(({ outcome }) => outcome === "created"),
      {
        read: readStored,
        progress,
        foldersToSweep: plan.files.flatMap(({ target, outcome }) =>
          outcome === "skipped" ? [] : [target.folders.at(-1) ?? root.path],
        ),
        async beforePublish() {
          if (root.plugin !== null) await assertNotInUse(place, ctx)
        },
      },
    ).finally(() => reporter.end())
    const done = report(saved, root, plan, before, confirmed)
    return root.plugin === null
      ? done
      : { ...done, ...(await resumeAfterRestore(place, transcriptOf(plan), ctx)) }
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw interrupted("nothing was restored")
    throw error
  }
}

function transcriptOf({ files }: RestorePlan): DiskPath | null {
  return files.find(({ file }) => file.role === "transcript")?.target.path ?? null
}

/** What a dry run says would work must work: the export is read whole. */
async function assertUndamaged(
  saved: SavedExport,
  readStored: ReadStored,
  progress: Progress,
): Promise<void> {
  const [damage] = (await checkExport(saved, readStored, false, progress)).problems.filter(isDamage)
  if (damage === undefined) return
  const hint = `check the exports: session-rescue verify ${shortId(saved.manifest.session.id)}`
  throw new RescueError("DAMAGED", `${damage.path}: ${damage.message}`, hint)
}

function report(
  saved: SavedExport,
  root: RestoreRoot,
  plan: RestorePlan,
  before: readonly ExportResult[],
  confirmed: boolean,
): RestoreReport {
  return {
    saved,
    root: root.path,
    homeGone: root.homeGone,
    folder: root.folder,
    files: plan.files.map(({ file, target, outcome, why }) => {
      return { relative: file.relative, path: showPath(target.path), bytes: file.length, outcome, why }
    }),
    links: plan.links.map(({ relative, leadsTo, outcome, why }) => {
      return { relative, target: showPath(leadsTo), outcome, why }
    }),
    before,
    confirmed,
    elsewhere: [],
    resume: null,
    purgeAt: null,
  }
}
