import type { SavedExport } from "../../domain/export/export.ts"
import { type ProgressReporter, reportTo } from "../../domain/progress.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { unpackExports } from "../../rescue/pack/unpack.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { RestoreReport } from "../restore/report.ts"
import { type RestoreFailure, restoreExports } from "../restore/restore.ts"

/** What became of a pack on this machine. */
export interface UnpackReport {
  readonly exports: readonly SavedExport[]
  readonly reports: readonly RestoreReport[]
  readonly failures: readonly RestoreFailure[]
  readonly interrupted: boolean
}

export interface UnpackOptions {
  readonly paths: Paths
  readonly version: string
  readonly reporter: ProgressReporter
  readonly folder: string | null
  readonly at: Date
}

/** Checks and keeps the exports of a pack, and puts each where its client finds it here. */
export async function unpackSessions(
  path: string,
  ctx: RunContext,
  { paths, version, reporter, folder, at }: UnpackOptions,
): Promise<UnpackReport> {
  const stamp = at.toISOString().slice(0, 19).replaceAll(":", "-")
  const kept = `${paths.data}/unpacked/${stamp}Z`
  reporter.begin("checking the pack", 0, null)
  const exports = await unpackExports(path, kept, reportTo(reporter, ctx.signal)).finally(() =>
    reporter.end(),
  )
  const options = { paths, version, reporter, to: null, folder, ownHome: true, force: false, dryRun: false }
  return { exports, ...(await restoreExports(exports, ctx, options)) }
}
