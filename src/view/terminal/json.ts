import type { RescueError } from "../../domain/errors.ts"
import type { ExportResult } from "../../domain/export/export.ts"
import type { FoundSession } from "../../domain/session/session.ts"

/** Every document a command prints with --json. Unknown values are null; times are ISO 8601 in UTC. */
export const schemaVersion = 1

export function versionDocument(version: string) {
  return { schemaVersion, version }
}

export function helpDocument(help: string) {
  return { schemaVersion, help: Bun.stripANSI(help) }
}

export function exportDocument(
  exports: readonly { readonly result: ExportResult }[],
  failures: readonly { readonly session: FoundSession | null; readonly error: RescueError }[],
  counts: { readonly notShown: number; readonly leftOff: number },
  warnings: readonly string[],
) {
  return {
    schemaVersion,
    exports: exports.map(({ result }) => exportFacts(result)),
    failures: failures.map(({ session, error }) => ({ id: session?.id ?? null, ...errorFacts(error) })),
    ...counts,
    warnings,
  }
}

export function exportFacts(result: ExportResult) {
  const { id, status, path, manifest, bytes, sha256, md5, files, missing = [], recorded } = result
  return {
    id,
    status,
    ...(recorded === undefined ? {} : recorded),
    path,
    manifest,
    bytes,
    sha256,
    ...(md5 === null ? {} : { md5 }),
    files,
    missing,
  }
}

export function errorDocument(error: RescueError) {
  return { schemaVersion, error: errorFacts(error) }
}

function errorFacts({ code, message, hint }: RescueError) {
  return { code, message, hint }
}

/** null for what is unknown, and for times no calendar has. */
export function iso(at: number | null): string | null {
  return at === null || Math.abs(at) > 8.64e15 ? null : new Date(at).toISOString()
}
