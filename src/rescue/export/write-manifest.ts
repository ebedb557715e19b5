import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SavePlan } from "../../domain/export/export.ts"
import {
  type Manifest,
  type ManifestFile,
  manifestFormat,
  manifestVersion,
} from "../../domain/export/manifest.ts"
import { rowsVerified } from "../../domain/rows/rows.ts"
import { closeFile, createFile, discard, flushFile, writeAll } from "../../system/fs/durable.ts"
import { toWriteError, withWriteErrors } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import type { CopyFacts } from "../copy/copy.ts"
import type { SavedRows, Staged, StagedFile } from "./staging.ts"

/** The manifest of the export under the name it is about to get. */
export function describeExport(
  plan: SavePlan,
  staged: Staged<CopyFacts>,
  name: string,
  facts: {
    version: string
    exportedAt: Date
    links: readonly (SavePlan["links"][number] & { readonly target: DiskPath })[]
  },
): Manifest {
  const left = [
    ...staged.vanished.map((file) => ({
      ...file,
      why: "it was deleted before it could be copied",
      unread: false,
    })),
    ...plan.others.map(({ why = "it is not a plain file", ...file }) => ({ ...file, why, unread: false })),
    ...staged.unavailable.map((file) => ({ ...file, unread: false })),
    ...staged.unread.map((file) => ({ ...file, unread: true })),
  ]
  return {
    format: manifestFormat,
    formatVersion: manifestVersion,
    tool: { name: "session-rescue", version: facts.version },
    exportedAt: facts.exportedAt.toISOString(),
    session: plan.session,
    files: [
      ...(staged.transcript === null
        ? []
        : [describeFile(plan, staged.transcript, "transcript", `${name}.jsonl`)]),
      ...staged.files.map((file) => describeFile(plan, file, "footprint", `${name}.files/${file.name}`)),
    ],
    links: facts.links.map(({ source, relative, target }) => ({
      source: showPath(source),
      ...bytesOf("sourceBase64", source),
      relative: showPath(relative),
      target: showPath(target),
      ...bytesOf("targetBase64", target),
    })),
    skipped: left.map(({ source, relative, why, unread }) => ({
      source: showPath(source),
      ...bytesOf("sourceBase64", source),
      relative: placeOf(plan, source, relative),
      why,
      ...(unread ? { unread } : {}),
    })),
  }
}

/** The path's bytes, for a name that is not UTF-8. */
function bytesOf<Key extends string>(key: Key, path: DiskPath): Partial<Record<Key, string>> {
  if (typeof path === "string") return {}
  return { [key]: Buffer.from(path).toString("base64") } as Partial<Record<Key, string>>
}

function describeFile(
  plan: SavePlan,
  file: StagedFile<CopyFacts>,
  role: ManifestFile["role"],
  path: string,
): ManifestFile {
  const { length, sha256, md5, modifiedAt, device, inode, changedAt, isSettled, copyInode } = file.copied
  const source = showPath(file.source)
  return {
    role,
    source,
    ...bytesOf("sourceBase64", file.source),
    relative: role === "transcript" ? transcriptRelative(plan, source) : showPath(file.relative),
    ...(file.tie === undefined ? {} : { tie: file.tie }),
    ...(file.store === undefined ? {} : { store: file.store }),
    path,
    length,
    sha256,
    ...(md5 === null ? {} : { md5 }),
    modifiedAt: modifiedAt.toISOString(),
    device: String(device),
    inode: String(inode),
    ...(isSettled ? { changedAt: String(changedAt) } : {}),
    copyInode: String(copyInode),
    ...(file.rows === undefined ? {} : { rows: describeRows(file.rows) }),
  }
}

function describeRows({ database, key, relations, version, tables }: SavedRows): ManifestFile["rows"] {
  const { root, columns, schema, never } = relations
  return {
    database,
    key,
    relations: { root, columns: [...columns], schema: [...schema], never: [...never] },
    version,
    tables,
    verified: rowsVerified,
  }
}

function placeOf(plan: SavePlan, source: DiskPath, relative: DiskPath): string {
  return source === plan.transcript ? transcriptRelative(plan, showPath(source)) : showPath(relative)
}

function transcriptRelative(plan: SavePlan, source: string): string {
  return source.startsWith(`${plan.session.home}/`) ? source.slice(plan.session.home.length + 1) : source
}

/** Writes and flushes the manifest. Replaces an earlier one in the same staging that had a name that was taken. */
export async function writeManifest(path: string, manifest: Manifest): Promise<void> {
  await writeFlushed(path, manifestBytes(manifest))
}

export function manifestBytes(manifest: Manifest): Buffer {
  return Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
}

/** Writes, flushes and reads back a small file of a staging. */
async function writeFlushed(path: string, bytes: Buffer): Promise<void> {
  try {
    discard(path)
    const fd = writeText(path, bytes)
    try {
      await flushFile(fd) // safety: manifest-fsync
      await readBack(fd, path, bytes)
    } finally {
      closeFile(fd)
    }
  } catch (error) {
    throw toWriteError(error, path)
  }
}

/** Writes a small file that does not exist yet; the caller flushes it, reads it back and closes it. */
export function writeText(path: string, bytes: Buffer): number {
  const fd = withWriteErrors(path, () => createFile(path))
  try {
    writeAll(fd, bytes, 0)
    return fd
  } catch (error) {
    closeFile(fd)
    throw toWriteError(error, path)
  }
}

/** Throws unless the disk, asked again, holds what was written. */
export async function readBack(fd: number, path: string, bytes: Buffer): Promise<void> {
  const cache = await pageCache()
  cache.forget(fd) // safety: manifest-forget
  const written = Buffer.alloc(bytes.length)
  // safety: manifest-read-back
  if (readFully(fd, written, 0) !== bytes.length || !written.equals(bytes)) {
    throw new RescueError("COPY_MISMATCH", `${path} does not contain what was written to it`, "try again")
  }
}
