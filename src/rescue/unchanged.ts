import { closeSync, lstatSync, readlinkSync } from "node:fs"
import { type DiskPath, diskPath, showPath } from "../session/disk-path.ts"
import type { SavedExport, SavePlan } from "../session/export.ts"
import type { ManifestFile } from "../session/manifest.ts"
import { flushFile, flushFolder } from "../system/durable.ts"
import { native } from "../system/files.ts"
import { readTrouble } from "../system/trouble.ts"
import { sameBytes } from "./compare.ts"
import type { Pace } from "./pace.ts"
import { closeSource, openSource } from "./source.ts"

export interface Reverified {
  readonly saved: SavedExport
  readonly md5: string | null
  readonly confirmed: boolean
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
    const pairs = pairUp(plan, candidate)
    if (pairs === null || !(await stillLinks(plan, candidate))) continue
    const folder = candidate.path.slice(0, candidate.path.lastIndexOf("/"))
    const sums = await reverify(pairs, folder, md5, pace, warn)
    if (sums !== null) return { saved: candidate, md5: sums.md5, confirmed: flushFolder(folder) }
  }
  return null
}

interface Pair {
  readonly source: DiskPath
  readonly file: ManifestFile
}

/** Every file of the plan with its place in the export; null unless both name the same files of the same size. */
function pairUp(plan: SavePlan, { manifest }: SavedExport): Pair[] | null {
  const sources = [
    ...(plan.transcript === null ? [] : [plan.transcript]),
    ...plan.files.map((file) => file.source),
  ]
  const byPath = new Map(manifest.files.map((file) => [file.source, file]))
  if (manifest.files.length !== sources.length || manifest.session.home !== plan.session.home) return null
  const pairs = sources.flatMap((source) => {
    const file = byPath.get(showPath(source))
    const size = lstatSync(native(source), { throwIfNoEntry: false })?.size
    return file === undefined || file.length !== size ? [] : [{ source, file }]
  })
  return pairs.length === sources.length ? pairs : null
}

async function stillLinks(plan: SavePlan, { manifest }: SavedExport): Promise<boolean> {
  if (plan.links.length !== manifest.links.length) return false
  const targets = new Map(manifest.links.map((link) => [link.source, link.target]))
  return plan.links.every(({ source }) => {
    try {
      return targets.get(showPath(source)) === showPath(diskPath(readlinkSync(native(source), "buffer")))
    } catch {
      return false
    }
  })
}

/** Compares source and copy byte for byte and the copy with its manifest; null when anything is not as it was. */
async function reverify(
  pairs: readonly Pair[],
  folder: string,
  md5: boolean,
  pace: Pace,
  warn: (message: string) => void,
): Promise<{ md5: string | null } | null> {
  let transcriptMd5: string | null = null
  for (const { source, file } of pairs) {
    const sums = await recheck(source, `${folder}/${file.path}`, file.length, md5, pace)
    if (sums === null) return null
    if (sums.sha256 !== file.sha256) {
      warn(
        `${folder}/${file.path} is not what its manifest says: it is left as it is, and a new export is made`,
      )
      return null
    }
    if (file.role === "transcript") transcriptMd5 = sums.md5
  }
  return { md5: transcriptMd5 }
}

async function recheck(source: DiskPath, copy: string, length: number, withMd5: boolean, pace: Pace) {
  const theirs = openSource(source)
  try {
    const ours = openCopy(copy)
    if (ours === null || ours.length !== length || theirs.length !== length) return null
    try {
      const sha256 = new Bun.CryptoHasher("sha256")
      const md5 = withMd5 ? new Bun.CryptoHasher("md5") : null
      const side = (fd: number, path: DiskPath) => ({
        fd,
        trouble: (error: unknown) => readTrouble(error, path),
      })
      const same = await sameBytes(side(theirs.fd, source), side(ours.fd, copy), length, pace, (bytes) => {
        sha256.update(bytes)
        md5?.update(bytes)
      })
      // a run that was cut off may have published without flushing
      if (same) await flushFile(ours.fd)
      return same ? { sha256: sha256.digest("hex"), md5: md5?.digest("hex") ?? null } : null
    } finally {
      closeSync(ours.fd)
    }
  } finally {
    closeSource(theirs)
  }
}

/** A copy that is missing or unreadable makes the export no candidate, not a failure. */
function openCopy(path: string) {
  try {
    return openSource(path)
  } catch {
    return null
  }
}
