import { RescueError } from "../../domain/errors.ts"
import type { ExportResult, ReadStored, SavedExport } from "../../domain/export/export.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { type Progress, type ProgressReporter, reportTo } from "../../domain/progress.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { checkExport, isDamage } from "../../rescue/verify/check-export.ts"
import type { Paths } from "../../system/config/paths.ts"
import { assertNotGrowing, assertNotInUse, type ClientsSeen, type SessionPlace } from "./in-use.ts"
import { planRestore, type RestorePlan } from "./plan.ts"
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
  readonly ownHome?: boolean
  readonly force: boolean
  readonly dryRun: boolean
}

/** An export, where it goes, and what is there. */
export interface Planned {
  readonly saved: SavedExport
  readonly root: RestoreRoot
  readonly place: SessionPlace
  readonly plan: RestorePlan
  /** Exports of what is about to be replaced. */
  readonly before: readonly ExportResult[]
}

/** Looks at what is there, and saves what is to be replaced. Throws when the export cannot be restored as asked. */
export async function prepareRestore(
  saved: SavedExport,
  seen: ClientsSeen,
  ctx: RunContext,
  options: RestoreOptions,
): Promise<Planned> {
  const { reporter, force, dryRun } = options
  const root = resolveRoot(saved, options, ctx)
  const { cwd, agent, title } = saved.manifest.session
  const place: SessionPlace = { agent, id: root.id, home: root.path, cwd, folder: root.folder }
  const progress = reportTo(reporter, ctx.signal)
  const whole = () => reporter.begin(shortId(root.id), totalBytes(saved.manifest), title)
  const here = root.plugin === null ? [] : await assertNotInUse(place, seen(agent), ctx)
  await assertNotGrowing(here, ctx)
  whole()
  const plan = await planRestore(saved, { root, force, ctx, progress }).finally(() => reporter.end())
  const planned = { saved, root, place, plan, before: [] }
  if (dryRun) {
    whole()
    const readStored = storedReader(ctx.plugins, "evicted")
    await assertUndamaged(saved, readStored, progress).finally(() => reporter.end())
    return planned
  }
  const replaced = plan.files.filter(({ outcome }) => outcome === "replaced")
  const before = replaced.length === 0 ? [] : await saveReplaced(here, replaced, ctx, options) // safety: restore-saves-first
  return { ...planned, before }
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
