import type { PruneResult } from "../../operations/exports/prune.ts"
import { errorDocument, schemaVersion } from "../terminal/json.ts"

export function pruneDocument(report: PruneResult, dryRun: boolean, warnings: readonly string[]) {
  const { removed, kept, failures, interrupted } = report
  return {
    schemaVersion,
    dryRun,
    removed: removed.map(({ saved, bytes, heldBy }) => ({
      id: saved.manifest.session.id,
      path: saved.path,
      bytes,
      heldBy: heldBy.path,
      place: heldBy.place,
    })),
    kept: kept.map(({ saved, why }) => ({ id: saved.manifest.session.id, path: saved.path, why })),
    failures: failures.map(({ saved, error }) => ({ path: saved.path, ...errorDocument(error).error })),
    interrupted,
    warnings,
  }
}
