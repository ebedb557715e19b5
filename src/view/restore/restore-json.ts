import { missingIn } from "../../domain/export/manifest.ts"
import type { RestoreReport } from "../../operations/restore/report.ts"
import { exportFacts, iso, schemaVersion } from "../terminal/json.ts"
import { hasTranscript } from "./restore.ts"

export function restoreDocument(report: RestoreReport, dryRun: boolean, warnings: readonly string[]) {
  const { saved, root, homeGone, folder, files, links, before, elsewhere, confirmed, resume, purgeAt } =
    report
  return {
    schemaVersion,
    restore: {
      id: saved.manifest.session.id,
      dryRun,
      export: saved.path,
      manifest: saved.manifestPath,
      place: saved.place,
      root,
      homeGone,
      folder,
      files,
      links,
      before: before.map(exportFacts),
      elsewhere,
      confirmed,
      transcript: hasTranscript(report),
      missing: missingIn(saved.manifest).map(({ source, why }) => ({ path: source, why })),
      resume,
      purgeAt: iso(purgeAt),
    },
    warnings,
  }
}
