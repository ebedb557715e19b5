import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import type { SavePlan } from "../../domain/export/export.ts"
import { type Manifest, missingIn } from "../../domain/export/manifest.ts"
import { isSourceError } from "../io/source-errors.ts"
import { closeSource, openSource } from "../io/source-file.ts"

/**
 * The files of a plan that an earlier export lacks, if they are still unreadable; null when it lacks other files, or
 * when one of them can be read now.
 */
export function stillMissing(plan: SavePlan, manifest: Manifest): readonly DiskPath[] | null {
  const lacking = new Set(missingIn(manifest).map(keyOf))
  const unread = new Set((plan.unread ?? []).map(({ source }) => shownKey(source)))
  const own = [
    ...(plan.transcript === null ? [] : [plan.transcript]),
    ...plan.files.map(({ source }) => source),
  ]
  const missing = own.filter((source) => lacking.has(shownKey(source)))
  const same = lacking.size === missing.length + unread.size && [...unread].every((key) => lacking.has(key))
  if (!same || !missing.every(isUnreadable)) return null // safety: still-missing
  const known = new Set([...manifest.skipped, ...manifest.files].map(keyOf))
  // outputs outside the home that are gone: either the export holds them, or they were never available
  const outputs = plan.files.filter(({ source, tie }) => tie === "output" && known.has(shownKey(source)))
  return [...missing, ...outputs.map(({ source }) => source).filter(isUnreadable)]
}

function keyOf({
  source,
  sourceBase64,
}: Pick<Manifest["skipped"][number], "source" | "sourceBase64">): string {
  return `${sourceBase64 ?? ""}:${source}`
}

function shownKey(path: DiskPath): string {
  return `${typeof path === "string" ? "" : Buffer.from(path).toString("base64")}:${showPath(path)}`
}

/** A file that can be opened but not read counts as readable: the copy that follows reports the error. */
function isUnreadable(path: DiskPath): boolean {
  try {
    closeSource(openSource(path))
    return false
  } catch (error) {
    return isSourceError(error)
  }
}
