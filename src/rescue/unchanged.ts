import { lstatSync } from "node:fs"
import { dirname } from "node:path"
import { type DiskPath, showPath } from "../session/disk-path.ts"
import type { SavedExport, SavePlan } from "../session/export.ts"
import type { ManifestFile } from "../session/manifest.ts"
import { flushFolder } from "../system/durable.ts"
import { native } from "../system/files.ts"
import { linkTarget } from "./link-target.ts"
import type { Pace } from "./pace.ts"
import type { SavedFile } from "./receipt.ts"
import { recheck } from "./recheck.ts"
import { isInside } from "./stored.ts"

export interface Reverified {
  readonly saved: SavedExport
  readonly md5: string | null
  readonly confirmed: boolean
  /** The files as they were compared. */
  readonly files: readonly SavedFile[]
}

/** An earlier export that holds the session exactly as it is now, proved again; null when there is none. */
export async function findUnchanged(
  plan: SavePlan,
  saved: readonly SavedExport[],
  md5: boolean,
  pace: Pace,
  warn: (message: string) => void,
): Promise<Reverified | null> {
  for (const candidate of saved) {
    if (candidate.archive !== null) continue // proved by decoding it, which the archive stage does
    const pairs = pairUp(plan, candidate)
    if (pairs === null || !stillLinks(plan, candidate)) continue // safety: unchanged-links
    const folder = dirname(candidate.path)
    const sums = await reverify(pairs, folder, md5, pace, warn)
    if (sums === null) continue
    const folders = new Set([folder, ...pairs.map(({ file }) => dirname(`${folder}/${file.path}`))])
    const flushed = [...folders].map((each) => flushFolder(each)) // safety: unchanged-fsync
    return { saved: candidate, ...sums, confirmed: !flushed.includes(false) }
  }
  return null
}

interface Pair {
  readonly source: DiskPath
  readonly file: ManifestFile
}

/** Every file of the plan with its place in the export; null unless both name the same files of the same size. */
function pairUp(plan: SavePlan, { manifest, path }: SavedExport): Pair[] | null {
  const sources = [
    ...(plan.transcript === null ? [] : [plan.transcript]),
    ...plan.files.map((file) => file.source),
  ]
  const byPath = new Map(manifest.files.map((file) => [`${file.sourceBase64 ?? ""}:${file.source}`, file]))
  if (manifest.files.length !== sources.length || manifest.session.home !== plan.session.home) return null
  const pairs = sources.flatMap((source) => {
    const bytes = typeof source === "string" ? "" : Buffer.from(source).toString("base64")
    const file = byPath.get(`${bytes}:${showPath(source)}`)
    // safety: inside-export
    return file === undefined || file.length !== sizeOf(source) || !isInside(file, path)
      ? []
      : [{ source, file }]
  })
  return pairs.length === sources.length ? pairs : null
}

/** What cannot be looked at is for the copying to report. */
function sizeOf(path: DiskPath): number | null {
  try {
    return lstatSync(native(path)).size
  } catch {
    return null
  }
}

function stillLinks(plan: SavePlan, { manifest }: SavedExport): boolean {
  if (plan.links.length !== manifest.links.length) return false
  const targets = new Map(manifest.links.map((link) => [link.source, link.target]))
  return plan.links.every(({ source }) => {
    const target = linkTarget(source)
    return target !== null && targets.get(showPath(source)) === showPath(target)
  })
}

/** null when a file of the session or of the export is not as it was; the export's fault is said aloud. */
async function reverify(
  pairs: readonly Pair[],
  folder: string,
  withMd5: boolean,
  pace: Pace,
  warn: (message: string) => void,
): Promise<Pick<Reverified, "md5" | "files"> | null> {
  let md5: string | null = null
  const files: SavedFile[] = []
  for (const { source, file } of pairs) {
    const copy = `${folder}/${file.path}`
    const result = await recheck(source, copy, file, withMd5, pace)
    if (result === "damaged") {
      warn(`${copy} is not what its manifest says: it is left as it is, and not relied on`)
    }
    if (typeof result === "string") return null
    files.push(result.source)
    if (file.role === "transcript") md5 = result.md5
  }
  return { md5, files }
}
