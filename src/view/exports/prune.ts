import type { PruneResult } from "../../operations/exports/prune.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { errorDocument, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

export interface PruneView {
  readonly dryRun: boolean
  readonly home: string
}

export function showPrune(report: PruneResult, { dryRun, home }: PruneView, out: Output): void {
  const { paint } = out
  const margin = " ".repeat(12)
  for (const { saved, bytes, supersededBy } of report.removed) {
    const word = dryRun ? "to remove   " : "removed     "
    out.print(`${paint.yellow(word)}${sanitize(saved.name)} · ${formatSize(bytes)}`)
    out.print(
      `${margin}fully contained in ${sanitize(shortPath(supersededBy.path, home))} (${supersededBy.place}, compared now)`,
    )
  }
  for (const { saved, why } of report.kept) {
    out.print(`${paint.green("kept        ")}${sanitize(saved.name)}`)
    out.print(paint.dim(`${margin}${sanitize(why)}`))
  }
  for (const { saved, error } of report.failures) {
    out.print(`${paint.red("FAILED      ")}${sanitize(saved.name)} · ${sanitize(error.message)}`)
    out.print(`${margin}${sanitize(error.hint)}`)
  }
  out.print(paint.bold(summary(report, dryRun)))
  out.print(nextStep(report, dryRun))
}

function summary({ removed, failures, interrupted }: PruneResult, dryRun: boolean): string {
  const freed = removed.reduce((sum, { bytes }) => sum + bytes, 0)
  const failed = failures.length === 0 ? "" : ` ${failures.length} FAILED, see above.`
  if (removed.length === 0 && (failures.length > 0 || interrupted)) return `Nothing was removed.${failed}`
  if (removed.length === 0) return "Nothing to prune: no pending export is fully contained in another."
  const what = `${count(removed.length, "export")}${dryRun ? " would be" : ""} removed, ${formatSize(freed)}`
  return `${what}; every byte of it is in another export.${failed}`
}

function nextStep({ removed, failures, interrupted }: PruneResult, dryRun: boolean): string {
  if (interrupted) return "Interrupted. Next: run it again for the rest"
  if (failures.length > 0) return "Next: see the reasons above, then run it again"
  return dryRun && removed.length > 0 ? "Next: session-rescue prune" : "Next: session-rescue list"
}

export function pruneDocument(report: PruneResult, dryRun: boolean, warnings: readonly string[]) {
  const { removed, kept, failures, interrupted } = report
  return {
    schemaVersion,
    dryRun,
    removed: removed.map(({ saved, bytes, supersededBy }) => ({
      id: saved.manifest.session.id,
      path: saved.path,
      bytes,
      supersededBy: supersededBy.path,
      place: supersededBy.place,
    })),
    kept: kept.map(({ saved, why }) => ({ id: saved.manifest.session.id, path: saved.path, why })),
    failures: failures.map(({ saved, error }) => ({ path: saved.path, ...errorDocument(error).error })),
    interrupted,
    warnings,
  }
}
