import type { RestoreReport } from "../pipeline/restore-report.ts"
import { missingIn } from "../session/manifest.ts"
import { exportFacts, iso, schemaVersion } from "./json.ts"
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
