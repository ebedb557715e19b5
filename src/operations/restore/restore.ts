/** Restoring exports into a client's home, or unpacking them into a folder. */
import { MiB } from "../../domain/bytes.ts"
import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { interrupted, isRescueError, type RescueError, unexpected } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import { totalBytes } from "../../domain/export/recorded-path.ts"
import { reportTo } from "../../domain/progress.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { type RestoreFilesResult, type RestoreItem, restoreGroup } from "../../rescue/restore/restore.ts"
import { assertNotInUse, lookAtClients } from "./in-use.ts"
import type { RestorePlan } from "./plan.ts"
import { type Planned, prepareRestore, type RestoreOptions } from "./prepare.ts"
import type { RestoreReport } from "./report.ts"
import { resumeAfterRestore } from "./resume-command.ts"
import { assertSole } from "./sole-file.ts"

/** Why an export was not restored: nothing of it was written, or what the message says. */
export interface RestoreFailure {
  readonly saved: SavedExport
  readonly error: RescueError
}

export interface RestoreResults {
  readonly reports: readonly RestoreReport[]
  readonly failures: readonly RestoreFailure[]
  readonly interrupted: boolean
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
  const { reports, failures } = await restoreTogether([saved], ctx, options).catch((error) => {
    throw isInterruption(error) ? interrupted("nothing was restored") : error
  })
  const [report] = reports
  if (report === undefined) throw failures[0]?.error ?? new Error(`${saved.name} was not restored`)
  return report
}

/** How much is flushed together, and lost when it is interrupted before that. */
const groupLimits = { exports: 256, files: 1000, bytes: 32 * MiB }

/**
 * The same for many: in groups that share each look at the running clients and each flush. An export that fails, fails
 * alone.
 */
export async function restoreExports(
  all: readonly SavedExport[],
  ctx: RunContext,
  options: RestoreOptions,
): Promise<RestoreResults> {
  const reports: RestoreReport[] = []
  const failures: RestoreFailure[] = []
  for (const group of groupsOf(all)) {
    if (ctx.signal.aborted) return { reports, failures, interrupted: true }
    try {
      const done = await restoreTogether(group, ctx, options)
      reports.push(...done.reports)
      failures.push(...done.failures)
    } catch (error) {
      if (!isInterruption(error)) throw error
      return { reports, failures, interrupted: true }
    }
  }
  return { reports, failures, interrupted: false }
}

function* groupsOf(all: readonly SavedExport[]): Generator<readonly SavedExport[]> {
  let group: SavedExport[] = []
  let [files, bytes] = [0, 0]
  for (const saved of all) {
    const [more, size] = [saved.manifest.files.length, totalBytes(saved.manifest)]
    const { exports: most, files: mostFiles, bytes: mostBytes } = groupLimits
    const isFull = group.length >= most || files + more > mostFiles || bytes + size > mostBytes
    if (group.length > 0 && isFull) {
      yield group
      group = []
      files = 0
      bytes = 0
    }
    group.push(saved)
    files += more
    bytes += size
  }
  if (group.length > 0) yield group
}

/** Throws only when interrupted, or when nothing can be looked at. */
async function restoreTogether(
  group: readonly SavedExport[],
  ctx: RunContext,
  options: RestoreOptions,
): Promise<Omit<RestoreResults, "interrupted">> {
  const failures: RestoreFailure[] = []
  const fail = (saved: SavedExport, error: unknown) => {
    if (isInterruption(error)) throw interrupted("nothing was restored")
    failures.push({ saved, error: isRescueError(error) ? error : unexpected(error, "please report this") })
  }
  const planned: Planned[] = []
  const seen = await lookAtClients(options.to === null ? group : [], ctx)
  for (const saved of group) {
    try {
      planned.push(await prepareRestore(saved, seen, ctx, options))
    } catch (error) {
      fail(saved, error)
    }
  }
  const reports = new Map<SavedExport, RestoreReport>()
  if (options.dryRun) {
    for (const each of planned) reports.set(each.saved, report(each, true))
  } else {
    const results = await putBack(planned, ctx, options)
    for (const each of planned) {
      const result = results.get(each)
      if (result === undefined || result instanceof Error) fail(each.saved, result)
      else reports.set(each.saved, report(each, result.confirmed))
    }
  }
  const [only] = planned
  const done = only === undefined ? undefined : reports.get(only.saved)
  // of many, the person is told how to see the lines that resume them
  if (
    group.length === 1 &&
    only !== undefined &&
    done !== undefined &&
    !options.dryRun &&
    only.root.plugin !== null
  )
    reports.set(only.saved, {
      ...done,
      ...(await resumeAfterRestore(only.place, transcriptOf(only.plan), ctx)),
    })
  return { reports: [...reports.values()], failures }
}

async function putBack(
  planned: readonly Planned[],
  ctx: RunContext,
  { reporter, force }: RestoreOptions,
): Promise<ReadonlyMap<Planned, RestoreFilesResult | Error>> {
  const items = new Map(planned.map((each) => [itemOf(each, force), each]))
  const [first] = planned
  if (first === undefined) return new Map()
  const bytes = [...items.keys()]
    .flatMap(({ files }) => files)
    .reduce((sum, { file }) => sum + file.length, 0)
  const [label, title] =
    planned.length === 1
      ? [shortId(first.root.id), first.saved.manifest.session.title]
      : [`${planned.length} exports`, null]
  reporter.begin(label, 2 * bytes, title) // written, then read again
  const results = await restoreGroup([...items.keys()], {
    read: storedReader(ctx.plugins, "evicted"),
    progress: reportTo(reporter, ctx.signal),
    async beforePublish(ready) {
      const held = new Map<RestoreItem, Error>()
      const due = ready.filter((item) => items.get(item)?.root.plugin !== null)
      const seen = await lookAtClients(
        due.map(({ saved }) => saved),
        ctx,
      )
      for (const item of due) {
        const due = items.get(item)
        if (due === undefined) continue
        try {
          await assertNotInUse(due.place, seen(due.place.agent), ctx)
          assertSole(due.plan.files, due.root, ctx)
        } catch (error) {
          held.set(item, error as Error)
        }
      }
      return held
    },
  }).finally(() => reporter.end())
  return new Map([...results].flatMap(([item, result]) => [[items.get(item) as Planned, result] as const]))
}

function itemOf({ saved, plan, root }: Planned, force: boolean): RestoreItem {
  return {
    saved,
    force,
    files: plan.files.filter(({ outcome }) => outcome === "restored" || outcome === "replaced"),
    links: plan.links.filter(({ outcome }) => outcome === "created"),
    foldersToSweep: plan.files.flatMap(({ target, outcome }) =>
      outcome === "skipped" ? [] : [target.folders.at(-1) ?? root.path],
    ),
  }
}

function rowsIn({ rows }: ManifestFile): { rows?: number } {
  return rows === undefined ? {} : { rows: Object.values(rows.tables).reduce((sum, count) => sum + count, 0) }
}

function isInterruption(error: unknown): boolean {
  return isRescueError(error) && error.code === "INTERRUPTED"
}

function transcriptOf({ files }: RestorePlan): DiskPath | null {
  return files.find(({ file }) => file.role === "transcript")?.target.path ?? null
}

function report({ saved, root, plan, before }: Planned, confirmed: boolean): RestoreReport {
  return {
    saved,
    root: root.path,
    homeGone: root.homeGone,
    folder: root.folder,
    files: plan.files.map(({ file, target, outcome, why }) => {
      const path = showPath(target.path)
      return { relative: file.relative, path, bytes: file.length, outcome, why, ...rowsIn(file) }
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
