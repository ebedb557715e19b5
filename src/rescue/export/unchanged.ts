import { lstatSync } from "node:fs"
import { dirname } from "node:path"
import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import type { ReadStored, SavedExport, SavePlan } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import type { SessionRows } from "../../domain/rows/rows.ts"
import { flushFolder } from "../../system/fs/durable.ts"
import { fsPath } from "../../system/fs/files.ts"
import { isInside } from "../catalog/export-files.ts"
import { forgetFile } from "../io/digest.ts"
import { linkTarget } from "../io/link-target.ts"
import { countsAsProof, type SavedFile } from "../receipt.ts"
import { reverify, reverifyArchived, reverifyRows } from "../verify/reverify.ts"
import { stillMissing } from "./still-missing.ts"

export interface UnchangedExport {
  readonly saved: SavedExport
  readonly md5: string | null
  readonly confirmed: boolean
  /** State of the source files when they were compared. */
  readonly files: readonly SavedFile[]
}

/** An earlier export that holds the session exactly as it is now, verified again; null when there is none. */
export async function findUnchanged(
  plan: SavePlan,
  saved: readonly SavedExport[],
  options: UnchangedOptions,
): Promise<UnchangedExport | null> {
  for (const candidate of saved) {
    const pairs = pairUp(plan, candidate)
    if (pairs === null) continue
    const sums = await reverifyAll(pairs, candidate, options)
    if (sums === null) continue
    const folder = dirname(candidate.manifestPath)
    const paths = candidate.archive?.stored ?? pairs.map(({ file }) => file)
    const folders = new Set([folder, ...paths.map(({ path }) => dirname(`${folder}/${path}`))])
    const flushed = [...folders].map((each) => flushFolder(each)) // safety: unchanged-fsync
    return { saved: candidate, ...sums, confirmed: !flushed.includes(false) }
  }
  return null
}

export interface UnchangedOptions {
  readonly md5: boolean
  readonly progress: Progress
  readonly warn: (message: string) => void
  readonly readStored: ReadStored
}

export interface Pair {
  readonly source: DiskPath
  readonly file: ManifestFile
  /** Set when the source is these rows. */
  readonly rows?: SessionRows | undefined
}

/**
 * Pairs every file of the plan with its copy in the export; null unless both have the same files of the same size, and
 * the same links.
 */
export function pairUp(plan: SavePlan, saved: SavedExport): Pair[] | null {
  const { manifest, name } = saved
  if (!linksUnchanged(plan, saved)) return null // safety: unchanged-links
  const sources = [
    ...(plan.transcript === null ? [] : [plan.transcript]),
    ...plan.files.map((file) => file.source),
  ]
  const missing = stillMissing(plan, manifest)
  const byPath = new Map(manifest.files.map((file) => [`${file.sourceBase64 ?? ""}:${file.source}`, file]))
  if (missing === null || manifest.session.home !== plan.session.home) return null
  const readable = sources.filter((source) => !missing.includes(source))
  const shown = new Set(readable.map(showPath))
  const held = manifest.files.filter(({ tie, source }) => tie !== "output" || shown.has(source))
  if (held.length !== readable.length) return null
  const pairs = readable.flatMap((source) => {
    const bytes = typeof source === "string" ? "" : Buffer.from(source).toString("base64")
    const file = byPath.get(`${bytes}:${showPath(source)}`)
    if ((file?.role === "transcript") !== (source === plan.transcript)) return [] // another one of this id
    const isRows = plan.rows !== undefined && source === plan.transcript
    // safety: inside-export
    if (file === undefined || !isInside(file, `${name}.jsonl`)) return []
    if (isRows !== (file.rows !== undefined)) return []
    return isRows || file.length === sizeOf(source)
      ? [{ source, file, ...(isRows ? { rows: plan.rows } : {}) }]
      : []
  })
  return pairs.length === readable.length ? pairs : null
}

/** null when the file cannot be examined; the copy that follows reports the error. */
function sizeOf(path: DiskPath): number | null {
  try {
    return lstatSync(fsPath(path)).size
  } catch {
    return null
  }
}

function linksUnchanged(plan: SavePlan, { manifest }: SavedExport): boolean {
  if (plan.links.length !== manifest.links.length) return false
  const targets = new Map(manifest.links.map((link) => [link.source, link.target]))
  return plan.links.every(({ source }) => {
    const target = linkTarget(source)
    return target !== null && targets.get(showPath(source)) === showPath(target)
  })
}

/** null when a file of the session or of the export has changed; a damaged export is also reported. */
async function reverifyAll(
  pairs: readonly Pair[],
  saved: SavedExport,
  { md5: withMd5, progress, warn, readStored }: UnchangedOptions,
): Promise<Pick<UnchangedExport, "md5" | "files"> | null> {
  let md5: string | null = null
  const files: SavedFile[] = []
  for (const { source, file, rows } of pairs) {
    const copy = `${dirname(saved.path)}/${file.path}`
    const result =
      rows !== undefined
        ? await reverifyRows(
            source,
            rows,
            file,
            () => freshCopy(saved, file, copy, readStored),
            withMd5,
            progress,
          )
        : saved.archive === null
          ? await reverify(source, copy, file, withMd5, progress)
          : await reverifyArchived(source, file, () => readStored(saved, file), withMd5, progress)
    if (result === "damaged") {
      const where = saved.archive === null ? copy : `${file.path}, as ${saved.path} holds it,`
      warn(`${where} does not match its manifest: it is left unchanged and not relied on`)
    }
    if (typeof result !== "object") {
      if (result !== "changed" && result !== "damaged") warn(result)
      return null
    }
    if (countsAsProof(file.tie)) files.push(result.source)
    if (file.role === "transcript") md5 = result.md5
  }
  return { md5, files }
}

/** The copy as it is on the disk. */
async function* freshCopy(
  saved: SavedExport,
  file: ManifestFile,
  copy: string,
  readStored: ReadStored,
): AsyncGenerator<Uint8Array> {
  if (saved.archive === null) await forgetFile(copy)
  yield* readStored(saved, file)
}
