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
import type { CopyFacts } from "../copy/copy.ts"
import { linkTarget } from "../io/link-target.ts"
import { assertPrivateDir } from "../io/private-dir.ts"
import { countsAsProof, recordProof, type SavedFile } from "../receipt.ts"
import { findRecorded, type RecordedExport } from "./as-recorded.ts"
import { FolderFlushes } from "./folder-flushes.ts"
import { type Published, publish } from "./publish.ts"
import { closeStaging, openStaging, type Staged, stageAll, stageVerified } from "./staging.ts"
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
  /**
   * What it takes for an earlier export to count as unchanged. `read`: source and copy are read and compared now, which
   * is proof. `recorded`: their file systems record no change since they were; where those cannot tell, they are read.
   */
  readonly unchanged: "read" | "recorded"
  /** Shared by the saves of a run that saves many sessions. */
  readonly listing?: NameIndex
  readonly flushes?: FolderFlushes
}

/**
 * The central guarantee. On `verified` or `unchanged`, the file at the returned path holds exactly the first L bytes
 * of the source, compared byte for byte after data and directory entry were flushed. If any step fails, it throws
 * and nothing is published.
 */
export async function save(plan: SavePlan, options: SaveOptions): Promise<ExportResult> {
  const { pending, md5, progress } = options
  const prepared = preparePending(pending)
  const saved = await findSaved(plan, options)
  if (saved !== null) return saved(prepared)
  const staging = await openStaging(pending, plan.id)
  try {
    const staged = await stageAll(plan, staging, stageVerified(md5, progress))
    const draft = draftExport(plan, staged, options)
    const prepare = (name: string) => writeManifest(staging.manifest, draft.manifest(name))
    const hasFiles = staged.files.length > 0
    const published = await publish(options, { staging, id: plan.id, at: draft.at, hasFiles, prepare })
    return describeSaved(plan, staged, draft, { ...published, prepared }, options)
  } finally {
    closeStaging(staging)
  }
}

/**
 * Sweeps what dead runs left of this session, and looks for an earlier export that is still current. The result needs
 * to know whether the pending folder itself is flushed.
 */
export async function findSaved(
  plan: SavePlan,
  options: SaveOptions,
): Promise<((prepared: boolean) => ExportResult) | null> {
  const { pending, archive, progress, warn } = options
  const names = options.listing?.of(plan.id) ?? listNames(pending, archive, plan.id)
  await sweepLeftovers(pending, names.pending, plan, progress, warn)
  const saved = readSavedExports(pending, archive, names).of(plan.id)
  const recorded = options.unchanged === "recorded" ? findRecorded(plan, saved, options.md5) : null // safety: read-now
  if (recorded !== null) return describeRecorded(plan, recorded, options.flushes ?? new FolderFlushes())
  const unchanged = await findUnchanged(plan, saved, options)
  if (unchanged === null) return null
  const { path, manifestPath, manifest } = unchanged.saved
  return (prepared) =>
    recordProof(
      {
        ...summary(plan, manifest),
        status: statusOf("unchanged", manifest, unchanged.confirmed && prepared),
        path,
        manifest: manifestPath,
        md5: unchanged.md5,
      },
      unchanged.files,
    )
}

/** No proof: nothing was read. */
function describeRecorded(
  plan: SavePlan,
  { saved, unchangedSince, verifiedAt, namedAt }: RecordedExport,
  flushes: FolderFlushes,
): (prepared: boolean) => ExportResult {
  const { path, manifestPath, manifest } = saved
  const confirmed = flushes.has(dirname(manifestPath), namedAt)
  return (prepared) => ({
    ...summary(plan, manifest),
    status: statusOf("unchanged", manifest, confirmed && prepared),
    path,
    manifest: manifestPath,
    md5: manifest.files.find(({ role }) => role === "transcript")?.md5 ?? null,
    recorded: { unchangedSince: unchangedSince.toISOString(), verifiedAt: verifiedAt.toISOString() },
  })
}

/** The manifest of an export that is staged, for whatever name it gets. */
export interface Draft {
  readonly at: Date
  manifest(name: string): Manifest
}

export function draftExport(plan: SavePlan, staged: Staged<CopyFacts>, options: SaveOptions): Draft {
  const at = options.now()
  const facts = { version: options.version, exportedAt: at, links: readLinks(plan) }
  return { at, manifest: (name) => describeExport(plan, staged, name, facts) }
}

/** The result of an export that is verified and published, with its proof. */
export function describeSaved(
  plan: SavePlan,
  staged: Staged,
  draft: Draft,
  { name, confirmed, prepared }: Published & { readonly prepared: boolean },
  options: SaveOptions,
): ExportResult {
  options.listing?.add(plan.id, name)
  const base = `${options.pending}/${name}`
  const manifest = draft.manifest(name)
  const status = statusOf("verified", manifest, confirmed && staged.confirmed && prepared)
  warnOfLast(staged, options.warn)
  const paths = { path: `${base}.jsonl`, manifest: `${base}.manifest.json` }
  const md5 = staged.transcript?.copied.md5 ?? null
  return recordProof({ ...summary(plan, manifest), status, ...paths, md5 }, savedFiles(staged))
}

function statusOf(best: "verified" | "unchanged", manifest: Manifest, confirmed: boolean) {
  if (!confirmed) return "unconfirmed" // safety: unconfirmed
  return missingIn(manifest).length > 0 ? "incomplete" : best // safety: incomplete
}

function savedFiles({ transcript, files }: Staged): readonly SavedFile[] {
  const own = (transcript === null ? files : [transcript, ...files]).filter(({ tie }) => countsAsProof(tie))
  return own.map(({ source, copied, rows }) => {
    const { length, device, inode, changedAt, sha256 } = copied
    const file = { source, length, device, inode, changedAt }
    return rows === undefined ? file : { ...file, rows: { ...rows, sha256 } }
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
export function preparePending(pending: string): boolean {
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
