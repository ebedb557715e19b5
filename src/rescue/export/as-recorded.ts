import { lstatSync, statfsSync } from "node:fs"
import { dirname } from "node:path"
import type { DiskPath } from "../../domain/disk-path.ts"
import type { SavedExport, SavePlan } from "../../domain/export/export.ts"
import { type ManifestFile, missingIn } from "../../domain/export/manifest.ts"
import { fsPath } from "../../system/fs/files.ts"
import { pairUp } from "./unchanged.ts"

/**
 * An export that is still current as far as file systems record changes. Nothing of it was read now, so it is no proof:
 * it has no `SavedFile`s, and no receipt can be issued for it.
 */
export interface RecordedExport {
  readonly saved: SavedExport
  /** When the newest change of its sources was made. */
  readonly unchangedSince: Date
  /** When its copies were compared with their sources. */
  readonly verifiedAt: Date
  /** When it got its names at the latest, in milliseconds. */
  readonly namedAt: number
}

/** An export gets its names at most this long after its manifest was written. */
const maxPublishMs = 60_000

/**
 * The newest export whose sources all are the files that it was made from, unchanged since, and whose files on the disk
 * are those that were compared then. null when a file system cannot tell, or the manifest does not: then it is read.
 */
export function findRecorded(
  plan: SavePlan,
  saved: readonly SavedExport[],
  withMd5: boolean,
): RecordedExport | null {
  for (const each of saved) {
    if (missingIn(each.manifest).length > 0) continue
    const pairs = pairUp(plan, each)
    const files = pairs?.map(({ file }) => file) ?? []
    if (pairs === null || files.length === 0 || (withMd5 && files.some(({ md5 }) => md5 === undefined)))
      continue
    const namedAt = pairs.every(({ source, file }) => isAsRead(source, file)) ? publishedAt(each) : null
    if (namedAt === null) continue
    const newest = files.reduce((at, { changedAt }) => Math.max(at, Number(changedAt) / 1e6), 0)
    return {
      saved: each,
      unchangedSince: new Date(newest),
      verifiedAt: new Date(verifiedAt(each)),
      namedAt,
    }
  }
  return null
}

/** Whether a source is the same file as when it was copied, and has not been changed since. */
function isAsRead(source: DiskPath, { device, inode, length, changedAt }: ManifestFile): boolean {
  const now = look(source)
  if (now === null || changedAt === undefined) return false
  const same = String(now.dev) === device && String(now.ino) === inode
  // safety: recorded-change-time
  return same && Number(now.size) === length && String(now.ctimeNs) === changedAt && tellsChanges(source)
}

/** When its files were compared: those that the export made, or those that its archiver made. */
function verifiedAt({ manifest, archive }: SavedExport): string {
  return archive?.archivedAt ?? manifest.exportedAt
}

/**
 * When the export was published, if no file of it was changed since: its manifest, or the record of its archive, loses
 * its temporary name after all others. A change that sets the modification time back still changes the change time,
 * which nobody can set.
 */
function publishedAt(saved: SavedExport): number | null {
  const { archive, manifest, manifestPath } = saved
  const last = archive === null ? manifestPath : manifestPath.replace(/\.manifest\.json$/, ".archive.json")
  const [proof, listed] = [look(last), look(manifestPath)]
  const latest = Date.parse(verifiedAt(saved)) + maxPublishMs
  // safety: recorded-manifest
  if (proof === null || !(Number(proof.ctimeMs) <= latest) || !tellsChanges(last)) return null
  if (listed === null || listed.ctimeNs > proof.ctimeNs) return null
  const held =
    archive?.stored ??
    manifest.files.map(({ path, length, copyInode }) => ({ path, length, inode: copyInode }))
  const same = held.every(({ path, length, inode }) => {
    const file = look(`${dirname(manifestPath)}/${path}`)
    if (file === null || Number(file.size) !== length) return false
    return String(file.ino) === inode && file.ctimeNs <= proof.ctimeNs // safety: recorded-copy
  })
  return same ? Number(proof.ctimeMs) : null
}

function look(path: DiskPath) {
  try {
    const stat = lstatSync(fsPath(path), { bigint: true })
    return stat.isFile() ? stat : null
  } catch {
    return null
  }
}

/**
 * ext2 to ext4, XFS, Btrfs, F2FS, ZFS, Bcachefs, tmpfs, overlayfs. Others may show times from a cache or from another
 * machine's clock (NFS, SMB, FUSE), or in whole seconds.
 */
const telling: ReadonlySet<number> = new Set([
  ...[0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x2fc12fc1, 0xca451a4e, 0x01021994, 0x794c7630],
])

/** Whether the file system records the time of every change to a file as it is made, by the clock of this machine. */
function tellsChanges(path: DiskPath): boolean {
  try {
    return process.platform === "linux" && telling.has(statfsSync(fsPath(path)).type) // safety: recorded-local
  } catch {
    return false
  }
}
