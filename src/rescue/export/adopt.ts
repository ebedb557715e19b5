import { lstatSync } from "node:fs"
import { basename, dirname } from "node:path"
import { MiB } from "../../domain/bytes.ts"
import { RescueError } from "../../domain/errors.ts"
import { exportName, parseExportName, type SavedExport } from "../../domain/export/export.ts"
import { type Manifest, manifestFormat, manifestVersion } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { parseUuid, type SessionId, uuidIn } from "../../domain/session/session-id.ts"
import {
  discard,
  flushFile,
  flushFolder,
  isSameFile,
  publishFile,
  removeFile,
} from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { readFully } from "../../system/fs/read-fully.ts"
import { pageCache } from "../../system/native/page-cache.ts"
import { readPending } from "../catalog/saved-exports.ts"
import { digestOpenFile } from "../io/digest.ts"
import { closeSource, detectChange, openSource, type SourceFile } from "../io/source-file.ts"
import { openStaging } from "./staging.ts"
import { writeManifest } from "./write-manifest.ts"

/** Facts about a copy's session, read from its first records. */
export interface CopiedSession {
  readonly id: SessionId
  readonly cwd: string | null
}

const headBytes = MiB

/** null when none of the first records names a session: not a transcript, or not of a client we know. */
export function sessionIn(path: string): CopiedSession | null {
  const source = openSource(path)
  try {
    const buffer = Buffer.alloc(Math.min(headBytes, source.length))
    const text = buffer.subarray(0, readFully(source.fd, buffer, 0)).toString()
    let id = uuidIn(basename(path))
    for (const line of text.split("\n")) {
      const record = parseRecord(line)
      id ??= parseUuid(record?.sessionId)
      if (id !== null && typeof record?.cwd === "string") return { id, cwd: record.cwd }
    }
    return id === null || !text.includes('"sessionId"') ? null : { id, cwd: null }
  } finally {
    closeSource(source)
  }
}

function parseRecord(line: string): { sessionId?: unknown; cwd?: unknown } | null {
  try {
    const record = JSON.parse(line)
    return typeof record === "object" ? record : null
  } catch {
    return null
  }
}

/**
 * Makes an export from a `.jsonl` that was copied into the pending folder manually. Its manifest can only prove what
 * the copy holds from now on, not that it matches its original source. `place`: the path at which the session's
 * client would look for it. A file without an export's name is renamed; its bytes are not changed.
 */
export async function adoptCopy(
  path: string,
  session: CopiedSession,
  place: { readonly home: string; readonly relative: string },
  options: {
    readonly archive: string
    readonly version: string
    readonly now: () => Date
    readonly progress: Progress
  },
): Promise<SavedExport> {
  const pending = dirname(path)
  const source = openSource(path)
  try {
    const sha256 = await hashSettled(source, options.progress)
    const staging = await openStaging(pending, session.id)
    try {
      const name = await chooseName(path, options.archive, session.id, source.modifiedAt)
      await writeManifest(staging.manifest, describeAdopted(source, name, sha256, session, place, options))
      if ((await publishFile(staging.manifest, `${pending}/${name}.manifest.json`)) === "taken") {
        throw changed(path)
      }
      const own = `${pending}/${name}.jsonl`
      if (path !== own && isSameFile(path, own)) removeFile(path)
      flushFolder(pending)
      const adopted = readPending(pending, name)
      if (adopted === null) throw changed(path)
      return adopted
    } finally {
      discard(staging.folder)
    }
  } catch (error) {
    throw toWriteError(error, path)
  } finally {
    closeSource(source)
  }
}

/**
 * Names the copy as an export: its current name if that is valid, else a new one from the file's modification time.
 * A name that is already in the archive cannot be used, because this export could then never be archived.
 */
async function chooseName(path: string, archive: string, id: SessionId, at: Date): Promise<string> {
  const pending = dirname(path)
  const given = basename(path, ".jsonl")
  if (parseExportName(given)?.id === id && !isThere(`${archive}/${given}.manifest.json`)) return given
  const year = at.getUTCFullYear()
  for (let time = year > 1970 && year < 9999 ? at.getTime() : Date.now(); ; time += 1000) {
    const name = exportName(id, new Date(time))
    if (endings.some((ending) => isThere(`${archive}/${name}${ending}`))) continue
    const target = `${pending}/${name}.jsonl`
    if (isSameFile(path, target)) return name // named by an interrupted run
    const taken = endings.some((ending) => isThere(`${pending}/${name}${ending}`))
    if (!taken && (await publishFile(path, target)) === "published") return name
  }
}

const endings = [".jsonl", ".manifest.json", ".files"]

function isThere(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined
}

/** A copy in progress is written to constantly; this long without a write counts as finished. */
const settleMs = 2000

async function hashSettled(source: SourceFile, progress: Progress): Promise<string> {
  const age = Date.now() - source.modifiedAt.getTime()
  if (age >= 0 && age < settleMs) await new Promise((resolve) => setTimeout(resolve, settleMs - age))
  await flushFile(source.fd)
  ;(await pageCache()).forget(source.fd)
  const sha256 = await digestOpenFile(source.fd, source.length, progress)
  const now = openSource(source.path)
  closeSource(now)
  if (detectChange(source) !== "same" || now.length !== source.length || now.changedAt !== source.changedAt) {
    throw changed(String(source.path))
  }
  return sha256
}

function describeAdopted(
  source: SourceFile,
  name: string,
  sha256: string,
  { id, cwd }: CopiedSession,
  { home, relative }: { home: string; relative: string },
  { version, now }: { version: string; now: () => Date },
): Manifest {
  const unknown = { title: null, state: "ORPHANED", flags: [], lastRecordAt: null }
  return {
    format: manifestFormat,
    formatVersion: manifestVersion,
    tool: { name: "session-rescue", version },
    exportedAt: now().toISOString(),
    session: { ...unknown, id, agent: "claude-code", home, transcript: null, cwd, detail: "external copy" },
    files: [
      {
        role: "transcript",
        source: String(source.path),
        relative,
        path: `${name}.jsonl`,
        length: source.length,
        sha256,
        modifiedAt: source.modifiedAt.toISOString(),
        device: String(source.device),
        inode: String(source.inode),
      },
    ],
    links: [],
    skipped: [],
  }
}

function changed(path: string): RescueError {
  const hint = "it can be processed once it is complete: run it again"
  return new RescueError("SOURCE_CHANGED", `${path} is still being written`, hint)
}
