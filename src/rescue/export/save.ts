/** Saving a session: makes a verified export in the pending folder, or proves that an earlier one is still current. */
import { lstatSync } from "node:fs"
import { dirname } from "node:path"
import { showPath } from "../../domain/disk-path.ts"
import type { ExportResult, ReadStored, SavePlan } from "../../domain/export/export.ts"
import { type Manifest, missingIn } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { flushFolder, makeFolder, makeFolders } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { listNames, type NameIndex } from "../catalog/name-index.ts"
import { readSavedExports } from "../catalog/saved-exports.ts"
import { linkTarget } from "../io/link-target.ts"
import { assertPrivateDir } from "../io/private-dir.ts"
import { countsAsProof, recordProof, type SavedFile } from "../receipt.ts"
import { publish } from "./publish.ts"
import { closeStaging, openStaging, type Staged, stageAll } from "./staging.ts"
import { sweepLeftovers } from "./sweep.ts"
import { findUnchanged } from "./unchanged.ts"
import { describeExport, writeManifest } from "./write-manifest.ts"

export interface SaveOptions {
  readonly pending: string
  readonly archive: string
  readonly md5: boolean
  readonly version: string
  readonly now: () => Date
  readonly progress: Progress
  readonly warn: (message: string) => void
  /** Reads archived exports, so that a session whose bytes are in the archive is not copied again. */
  readonly readStored: ReadStored
  /** Shared by the saves of a run that saves many sessions. */
  readonly listing?: NameIndex
}

/**
 * The central guarantee. On `verified` or `unchanged`, the file at the returned path holds exactly the first L bytes
 * of the source, compared byte for byte after data and directory entry were flushed. If any step fails, it throws
 * and nothing is published.
 */
export async function save(plan: SavePlan, options: SaveOptions): Promise<ExportResult> {
  const { pending, archive, md5, progress, warn } = options
  const prepared = preparePending(pending)
  const names = options.listing?.of(plan.id) ?? listNames(pending, archive, plan.id)
  await sweepLeftovers(pending, names.pending, plan, progress, warn)
  const saved = readSavedExports(pending, archive, names).of(plan.id)
  const unchanged = await findUnchanged(plan, saved, options)
  if (unchanged !== null) {
    const { path, manifestPath, manifest } = unchanged.saved
    const result = {
      ...summary(plan, manifest),
      status: statusOf("unchanged", manifest, unchanged.confirmed && prepared),
      path,
      manifest: manifestPath,
      md5: unchanged.md5,
    } as const
    return recordProof(result, unchanged.files)
  }
  const staging = await openStaging(pending, plan.id)
  try {
    const staged = await stageAll(plan, staging, md5, progress)
    const exportedAt = options.now()
    const facts = { version: options.version, exportedAt, links: readLinks(plan) }
    let manifest = describeExport(plan, staged, "", facts)
    const { name, confirmed } = await publish(
      options,
      staging,
      plan.id,
      exportedAt,
      staged.files.length > 0,
      async (name) => {
        manifest = describeExport(plan, staged, name, facts)
        await writeManifest(staging.manifest, manifest)
      },
    )
    options.listing?.add(plan.id, name)
    const base = `${pending}/${name}`
    const status = statusOf("verified", manifest, confirmed && staged.confirmed && prepared)
    warnOfLast(staged, warn)
    const paths = { path: `${base}.jsonl`, manifest: `${base}.manifest.json` }
    const md5Sum = staged.transcript?.copied.md5 ?? null
    return recordProof({ ...summary(plan, manifest), status, ...paths, md5: md5Sum }, savedFiles(staged))
  } finally {
    closeStaging(staging)
  }
}

function statusOf(best: "verified" | "unchanged", manifest: Manifest, confirmed: boolean) {
  if (!confirmed) return "unconfirmed" // safety: unconfirmed
  return missingIn(manifest).length > 0 ? "incomplete" : best // safety: incomplete
}

function savedFiles({ transcript, files }: Staged): readonly SavedFile[] {
  const own = (transcript === null ? files : [transcript, ...files]).filter(({ tie }) => countsAsProof(tie))
  return own.map(({ source, copied }) => {
    const { length, device, inode, changedAt } = copied
    return { source, length, device, inode, changedAt }
  })
}

function summary(plan: SavePlan, manifest: Manifest) {
  const missing = missingIn(manifest).map(({ source, why }) => ({ path: source, why }))
  return {
    id: plan.id,
    ...(missing.length === 0 ? {} : { missing }),
    bytes: manifest.files.reduce((sum, file) => sum + file.length, 0),
    files: manifest.files.length,
    sha256: manifest.files.find((file) => file.role === "transcript")?.sha256 ?? null,
  }
}

function readLinks(plan: SavePlan) {
  return plan.links.flatMap((link) => {
    const target = linkTarget(link.source)
    return target === null ? [] : [{ ...link, target }] // deleted in the meantime: there is nothing to record
  })
}

function warnOfLast({ transcript, files }: Staged, warn: (message: string) => void): void {
  for (const file of transcript === null ? files : [transcript, ...files]) {
    if (file.copied.vanished)
      warn(`${showPath(file.source)} was deleted while it was being saved: the export holds all of it`)
  }
}

/**
 * The data folder may be a link (to another disk); its pending folder must be a real folder that nobody else can
 * write to. false when its own name could not be flushed.
 */
function preparePending(pending: string): boolean {
  const { stat, flushed } = makePending(pending)
  assertPrivateDir(
    pending,
    stat,
    "is not a folder (a link there is not followed)",
    "or name another: --data-dir",
  )
  return flushed
}

function makePending(pending: string) {
  try {
    const made = makeFolders(dirname(pending), true)
    makeFolder(pending)
    // safety: data-folder-fsync
    return { flushed: flushFolder(dirname(pending)) && made, stat: lstatSync(pending) }
  } catch (error) {
    throw toWriteError(error, pending)
  }
}
