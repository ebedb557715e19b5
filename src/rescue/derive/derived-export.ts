/** Exports that are made from what survives, not copied from a session as it is: repaired, recovered, shortened. */
import { lstatSync } from "node:fs"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import {
  type Derivation,
  type Manifest,
  type ManifestFile,
  manifestFormat,
  manifestVersion,
  type SessionRecord,
} from "../../domain/export/manifest.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import {
  closeFile,
  createFile,
  flushFile,
  flushFolder,
  makeFolder,
  makeFolders,
  writeAll,
} from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { publish } from "../export/publish.ts"
import { closeStaging, openStaging, type Staging } from "../export/staging.ts"
import { writeManifest } from "../export/write-manifest.ts"
import { assertPrivateDir } from "../io/private-dir.ts"

/** One file of such an export. */
export interface DerivedFile {
  readonly role: ManifestFile["role"]
  /** Where the bytes came from, for the person. */
  readonly source: string
  /** Relative to the client's home. */
  readonly relative: string
  readonly tie?: string
  /** Not put back with the session: what could not be read. */
  readonly isBeside?: boolean
  bytes(): Iterable<Uint8Array>
}

export interface DerivedOptions {
  readonly folder: string
  readonly id: SessionId
  readonly session: SessionRecord
  readonly files: readonly DerivedFile[]
  readonly derivation: Omit<Derivation, "beside">
  readonly version: string
  readonly at: Date
}

/** Writes, flushes and reads back every file, then publishes all of it under a name of its own. Nothing is replaced. */
export async function writeDerived(
  options: DerivedOptions,
): Promise<{ saved: SavedExport; confirmed: boolean }> {
  const { folder, id, at } = options
  prepareFolder(folder)
  const staging = await openStaging(folder, id)
  try {
    const written = await writeFiles(options, staging)
    const manifestFor = (name: string) => describe(options, written, name)
    const hasFiles = written.some(({ name }) => name !== null)
    const flushed = hasFiles ? flushFolder(staging.files) : true
    const { name, confirmed } = await publish(
      { pending: folder, archive: folder },
      {
        ...{ staging, id, at, hasFiles, kind: options.derivation.kind },
        prepare: (taken) => writeManifest(staging.manifest, manifestFor(taken)),
      },
    )
    const base = `${folder}/${name}`
    const paths = { path: `${base}.jsonl`, manifestPath: `${base}.manifest.json` }
    const saved = { place: "pending", name, ...paths, manifest: manifestFor(name), archive: null } as const
    return { saved, confirmed: confirmed && flushed }
  } finally {
    closeStaging(staging)
  }
}

function prepareFolder(folder: string): void {
  try {
    makeFolders(folder, true)
  } catch (error) {
    throw toWriteError(error, folder, "name another folder: --to /some/folder")
  }
  const stat = lstatSync(folder)
  assertPrivateDir(folder, stat, "is not a folder (a link there is not followed)", "or name another: --to")
}

interface Written {
  readonly file: DerivedFile
  /** Below `.files`; null for the transcript. */
  readonly name: string | null
  readonly length: number
  readonly sha256: string
}

async function writeFiles({ files }: DerivedOptions, staging: Staging): Promise<readonly Written[]> {
  const written: Written[] = []
  for (const [index, file] of files.entries()) {
    const isTranscript = file.role === "transcript"
    const name = isTranscript ? null : `${String(index).padStart(4, "0")}-${file.relative.split("/").at(-1)}`
    if (name !== null && !written.some((each) => each.name !== null)) makeFolder(staging.files)
    const path = name === null ? staging.transcript : `${staging.files}/${name}`
    written.push({ file, name, ...(await writeOne(path, file)) })
  }
  // an export without a transcript is committed by an empty one
  if (!files.some(({ role }) => role === "transcript")) closeFile(createFile(staging.transcript))
  return written
}

async function writeOne(path: string, file: DerivedFile): Promise<{ length: number; sha256: string }> {
  const hasher = new Bun.CryptoHasher("sha256")
  let length = 0
  try {
    const fd = createFile(path)
    try {
      for (const bytes of file.bytes()) {
        writeAll(fd, bytes, length)
        hasher.update(bytes)
        length += bytes.length
      }
      await flushFile(fd)
      const sha256 = hasher.digest("hex")
      ;(await pageCache()).forget(fd)
      if (digestWritten(fd, length) !== sha256)
        throw new RescueError("COPY_MISMATCH", `${path} does not contain what was written to it`, "try again")
      return { length, sha256 }
    } finally {
      closeFile(fd)
    }
  } catch (error) {
    throw toWriteError(error, path, "name another folder: --to /some/folder")
  }
}

function digestWritten(fd: number, length: number): string {
  const hasher = new Bun.CryptoHasher("sha256")
  const buffer = Buffer.allocUnsafe(1 << 20)
  let at = 0
  for (let count = readFully(fd, buffer, 0); count > 0; count = readFully(fd, buffer, at)) {
    hasher.update(buffer.subarray(0, count))
    at += count
  }
  return at === length ? hasher.digest("hex") : ""
}

function describe(options: DerivedOptions, written: readonly Written[], name: string): Manifest {
  const { at, version, session, derivation } = options
  const files = written.map((each) => ({ each, described: describeFile(each, name, at) }))
  const only = (isBeside: boolean) =>
    files.flatMap(({ each, described }) => ((each.file.isBeside ?? false) === isBeside ? [described] : []))
  const beside = only(true)
  return {
    format: manifestFormat,
    formatVersion: manifestVersion,
    tool: { name: "session-rescue", version },
    exportedAt: at.toISOString(),
    session,
    files: only(false),
    links: [],
    skipped: [],
    derivation: { ...derivation, ...(beside.length === 0 ? {} : { beside }) },
  }
}

function describeFile({ file, name, length, sha256 }: Written, exported: string, at: Date): ManifestFile {
  const { role, source, relative, tie } = file
  return {
    role,
    source,
    relative,
    ...(tie === undefined ? {} : { tie }),
    path: name === null ? `${exported}.jsonl` : `${exported}.files/${name}`,
    length,
    sha256,
    modifiedAt: at.toISOString(),
    device: "0",
    inode: "0",
  }
}
