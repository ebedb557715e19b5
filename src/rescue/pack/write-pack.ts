import { basename, dirname } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import { storedFiles } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import {
  closeFile,
  createFile,
  discard,
  flushFile,
  flushFolder,
  publishFile,
  writeAll,
} from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import { compressFrame } from "../../system/fs/zstd.ts"
import { readOrDamaged } from "../catalog/export-files.ts"
import { manifestBytes } from "../export/write-manifest.ts"
import { digestStream } from "../io/digest.ts"
import { tarEnd, tarHeader, tarPadding } from "./tar.ts"

export const sumsName = "SHA256SUMS"
export const indexName = "pack.json"
export const packFormat = "session-rescue-pack"

export interface PackOptions {
  readonly read: ReadStored
  readonly progress: Progress
  readonly version: string
  readonly at: Date
}

interface Member {
  readonly name: string
  readonly size: number
  readonly sha256: string
  bytes(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

const frameBytes = 4 * 2 ** 20
const level = 3

/** Writes these exports into one new file, each file compared with its manifest while it is read. Replaces nothing. */
export async function writePack(
  path: string,
  exports: readonly SavedExport[],
  options: PackOptions,
): Promise<number> {
  const members = exports.flatMap((saved) => membersOf(saved, options))
  const index = textMember(indexName, describePack(exports, options))
  const all = [index, ...members]
  const sums = textMember(sumsName, all.map(({ name, sha256 }) => `${sha256}  ${name}\n`).join(""))
  const staged = `${dirname(path)}/.${basename(path)}.${crypto.randomUUID()}.tmp`
  try {
    const size = await writeStaged(staged, [sums, ...all], options)
    if ((await publishFile(staged, path)) === "taken")
      throw new RescueError("REFUSED", `${path} exists already: nothing was written`, "name another file")
    flushFolder(dirname(path))
    return size
  } catch (error) {
    throw toWriteError(error, path, "name a file on another disk")
  } finally {
    discard(staged)
  }
}

function describePack(exports: readonly SavedExport[], { version, at }: PackOptions): string {
  const sessions = exports.map(({ name, manifest }) => {
    const { id, agent, title, cwd, home } = manifest.session
    const redacted = manifest.derivation?.kind === "redacted"
    return { id, agent, title, cwd, home, redacted, export: name, exportedAt: manifest.exportedAt }
  })
  const tool = { name: "session-rescue", version }
  const document = { format: packFormat, formatVersion: 1, tool, packedAt: at.toISOString(), sessions }
  return `${JSON.stringify(document, null, 2)}\n`
}

function textMember(name: string, text: string): Member {
  const bytes = Buffer.from(text)
  const sha256 = new Bun.CryptoHasher("sha256").update(bytes).digest("hex")
  return { name, size: bytes.length, sha256, bytes: () => [bytes] }
}

function membersOf(saved: SavedExport, { read }: PackOptions): readonly Member[] {
  const { name, manifest } = saved
  const files = storedFiles(manifest).map((file) => {
    const { path, length, sha256 } = file
    return { name: path, size: length, sha256, bytes: () => readOrDamaged(read, saved, file) }
  })
  const hasTranscript = manifest.files.some(({ role }) => role === "transcript")
  return [
    textMember(`${name}.manifest.json`, manifestBytes(manifest).toString()),
    ...files,
    ...(hasTranscript ? [] : [textMember(`${name}.jsonl`, "")]), // it commits the export
  ]
}

async function writeStaged(
  path: string,
  members: readonly Member[],
  { at, progress }: PackOptions,
): Promise<number> {
  const fd = createFile(path)
  let position = 0
  let waiting: Uint8Array[] = []
  let size = 0
  const flush = async () => {
    const frame = await compressFrame(Buffer.concat(waiting), level)
    writeAll(fd, frame, position)
    position += frame.length
    waiting = []
    size = 0
  }
  const put = (bytes: Uint8Array) => {
    waiting.push(bytes.slice()) // a chunk is valid only until the next one is read
    size += bytes.length
  }
  try {
    for (const member of members) {
      put(tarHeader(member, at))
      const chunks = pausing(member.bytes(), () => (size >= frameBytes ? flush() : undefined))
      const found = await digestStream(chunks, member.size, false, progress, put)
      if (found.length !== member.size || found.sha256 !== member.sha256)
        throw new RescueError(
          "DAMAGED",
          `${member.name} does not match its manifest`,
          "see: session-rescue verify",
        )
      put(tarPadding(member.size))
    }
    put(tarEnd())
    await flush()
    await flushFile(fd)
    return position
  } finally {
    closeFile(fd)
  }
}

async function* pausing(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  pause: () => Promise<void> | undefined,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    yield chunk
    await pause()
  }
}
