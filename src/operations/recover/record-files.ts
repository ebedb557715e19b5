import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { isRescueError } from "../../domain/errors.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import { openTranscript, type TranscriptFile } from "../../rescue/repair/file-source.ts"
import { spoolFile, spoolStored } from "../../rescue/repair/spool.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { RecordRemnant, Where } from "./remnant-types.ts"

/** What `read` returns, or null with a warning: one file that cannot be read takes nothing from the others. */
async function unlessUnreadable<T>(
  path: string,
  ctx: RunContext,
  read: () => T | Promise<T>,
): Promise<T | null> {
  try {
    return await read()
  } catch (error) {
    if (isRescueError(error) && error.code === "INTERRUPTED") throw error
    ctx.warn(`${path} was not read: ${error instanceof Error ? error.message : error}`)
    return null
  }
}

export async function exportsOf(id: SessionId, paths: Paths, ctx: RunContext): Promise<RecordRemnant[]> {
  const found: RecordRemnant[] = []
  const read = storedReader(ctx.plugins, "evicted")
  for (const saved of readEverySaved(paths).of(id)) {
    const { manifest, path } = saved
    const main = manifest.files.find(({ role }) => role === "transcript")
    if (main === undefined || manifest.derivation !== undefined) continue
    const file = await unlessUnreadable(path, ctx, () =>
      saved.archive === null ? openTranscript(path) : spoolStored(saved, main, read, paths.data),
    )
    if (file !== null)
      found.push({ kind: "export", path, file, isForeign: false, savedAt: manifest.exportedAt })
  }
  return found
}

/** A transcript that was deleted and that some process still has open. */
export async function deletedFiles(id: SessionId, paths: Paths, ctx: RunContext): Promise<RecordRemnant[]> {
  const { quiet } = ctx.files
  const found: RecordRemnant[] = []
  const seen = new Set<string>()
  const pids = quiet.names("/proc").filter((name) => typeof name === "string" && /^\d+$/.test(name))
  for (const pid of pids) {
    for (const fd of quiet.names(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${showPath(fd)}`
      const target = quiet.linkTarget(path)
      if (target === null || !isDeletedMain(showPath(target), id)) continue
      const key = quiet.open(path, (file) => `${file.stat().device} ${file.stat().inode}`)
      if (key === null || seen.has(key)) continue // several processes may have it open
      seen.add(key)
      const shown = `${showPath(target)}, open in process ${pid}`
      const file = await unlessUnreadable(shown, ctx, () => spoolFile(path, paths.data))
      if (file !== null) found.push({ kind: "deleted file", path: shown, file, isForeign: false })
    }
  }
  return found
}

/** Named after the session, or `events.jsonl` in a folder that is; Gemini CLI uses the first eight digits. */
function isDeletedMain(target: string, id: string): boolean {
  const ends = [`${id}.jsonl`, `/${id}/events.jsonl`, `-${id.slice(0, 8)}.jsonl`]
  return ends.some((end) => target.endsWith(`${end} (deleted)`))
}

export async function ownTranscripts({ found: all }: Where, ctx: RunContext): Promise<RecordRemnant[]> {
  const found: RecordRemnant[] = []
  for (const { transcript, transcriptSize } of all) {
    if (transcript === null || transcriptSize === 0) continue
    const path = showPath(transcript)
    const file = await unlessUnreadable(path, ctx, () => openTranscript(transcript))
    if (file !== null) found.push({ kind: "transcript", path, file, isForeign: false })
  }
  return found
}

const maxFiles = 500

/** Files of the same project folder that hold records of it: after switching, a client wrote on into the old one [public]. */
export async function otherSessions(
  { id, home, projects }: Where,
  ctx: RunContext,
): Promise<RecordRemnant[]> {
  const paths = projects.flatMap((project) =>
    ctx.files.quiet
      .names(`${home}/${project}`)
      .flatMap((name) =>
        typeof name === "string" && name.endsWith(".jsonl") && name !== `${id}.jsonl`
          ? [`${home}/${project}/${name}`]
          : [],
      ),
  )
  if (paths.length > maxFiles)
    ctx.warn(
      `only ${maxFiles} of ${paths.length} other sessions of its project were searched for its records`,
    )
  const found: RecordRemnant[] = []
  for (const path of paths.slice(0, maxFiles)) {
    const file = await unlessUnreadable(path, ctx, () => openIfMentioned(path, id))
    if (file !== null) found.push({ kind: "other session", path, file, isForeign: true })
  }
  return found
}

function openIfMentioned(path: DiskPath, id: string): TranscriptFile | null {
  const file = openTranscript(path)
  try {
    if (mentions(file, id)) return file
  } catch (error) {
    file.close()
    throw error
  }
  file.close()
  return null
}

const chunkBytes = 1 << 20

function mentions(file: TranscriptFile, id: string): boolean {
  const words = Buffer.from(`"sessionId":"${id}"`)
  for (let at = 0; at < file.length; at += chunkBytes) {
    const length = Math.min(chunkBytes + words.length, file.length - at)
    if (Buffer.from(file.read(at, length)).includes(words)) return true
  }
  return false
}
