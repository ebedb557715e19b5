import { parseExportName } from "../../domain/export/export.ts"
import type { QueueEntry } from "../../pipeline/queue/entries.ts"
import type { ProcessingReport } from "../../pipeline/queue/run.ts"
import { schemaVersion } from "../terminal/json.ts"

export function queueDocument(entries: readonly QueueEntry[], warnings: readonly string[]) {
  return { schemaVersion, exports: entries.map(entryFacts), warnings }
}

function entryFacts({ waiting, states, outstanding, lock }: QueueEntry) {
  const saved = waiting.kind === "foreign" ? null : waiting.saved
  const bytes =
    waiting.kind === "foreign"
      ? waiting.bytes
      : (saved?.manifest.files.reduce((sum, file) => sum + file.length, 0) ?? null)
  return {
    kind: waiting.kind,
    name: waiting.name,
    id: parseExportName(waiting.name)?.id ?? null,
    path: waiting.kind === "foreign" ? waiting.path : (saved?.path ?? null),
    bytes,
    exportedAt: saved?.manifest.exportedAt ?? null,
    plugins: states,
    outstanding,
    lock: lock === null ? null : { pid: lock.pid, path: lock.path },
    why: "why" in waiting ? waiting.why : null,
    takenTo: "taken" in waiting ? waiting.taken : null,
  }
}

export function processingDocument({ exports, interrupted }: ProcessingReport, warnings: readonly string[]) {
  return { schemaVersion, exports: exports.map(processedFacts), interrupted, warnings }
}

function processedFacts({ failure, outcomes, ...each }: ProcessingReport["exports"][number]) {
  return {
    ...each,
    plugins: outcomes.map(({ plugin, status, why, attempts, result }) => ({
      plugin,
      status,
      why,
      attempts,
      result,
    })),
    failure: failure === null ? null : { code: failure.code, message: failure.message, hint: failure.hint },
  }
}
