/** A session whose transcript is gone or a stub, put together from whatever survives. */
import { showPath } from "../../domain/disk-path.ts"
import { isRescueError } from "../../domain/errors.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { parseRecord } from "../../domain/transcript/entries.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import { openTranscript, type TranscriptFile } from "../../rescue/repair/file-source.ts"
import { spoolFile, spoolStored } from "../../rescue/repair/spool.ts"
import type { Paths } from "../../system/config/paths.ts"
import { openIndex } from "../search/search.ts"

/** A file that holds records of the session. */
export interface RecordRemnant {
  readonly kind: "export" | "transcript" | "deleted file" | "other session"
  readonly path: string
  readonly file: TranscriptFile
  /** Another session's file: only the records that name this one count. */
  readonly isForeign: boolean
}

/** Words without their record. */
export interface TextRemnant {
  readonly kind: "index" | "history.jsonl"
  readonly role: "user" | "assistant"
  readonly text: string
  readonly time: number | null
}

export interface Remnants {
  readonly records: readonly RecordRemnant[]
  readonly texts: readonly TextRemnant[]
  /** Files of it that are still in its home: subagents, tool results, file history. */
  readonly inPlace: readonly string[]
}

interface Where {
  readonly id: SessionId
  readonly home: string
  /** The project folders in which it may be, relative to the home. */
  readonly projects: readonly string[]
}

/** Everything that is known of a session, best first. The files are open; close each. */
export async function findRemnants(
  where: Where,
  { paths, ctx }: { readonly paths: Paths; readonly ctx: RunContext },
): Promise<Remnants> {
  const records: RecordRemnant[] = [
    ...(await exportsOf(where.id, paths, ctx)),
    ...(await deletedFiles(where.id, paths, ctx)),
    ...(await ownTranscripts(where.id, ctx)),
    ...otherSessions(where, ctx),
  ]
  return { records, texts: [...indexed(where.id, paths), ...typed(where, ctx)], inPlace: inPlace(where, ctx) }
}

async function exportsOf(id: SessionId, paths: Paths, ctx: RunContext): Promise<RecordRemnant[]> {
  const found: RecordRemnant[] = []
  const read = storedReader(ctx.plugins, "evicted")
  for (const saved of readEverySaved(paths).of(id)) {
    const main = saved.manifest.files.find(({ role }) => role === "transcript")
    if (main === undefined || saved.manifest.derivation !== undefined) continue
    try {
      const file =
        saved.archive === null ? openTranscript(saved.path) : await spoolStored(saved, main, read, paths.data)
      found.push({ kind: "export", path: saved.path, file, isForeign: false })
    } catch (error) {
      if (!isRescueError(error) || error.code === "INTERRUPTED") throw error
      ctx.warn(`${saved.path} was not read: ${error.message}`)
    }
  }
  return found
}

/** A transcript that was deleted and that some process still has open. */
async function deletedFiles(id: SessionId, paths: Paths, { files }: RunContext): Promise<RecordRemnant[]> {
  const found: RecordRemnant[] = []
  const pids = files.quiet.names("/proc").filter((name) => typeof name === "string" && /^\d+$/.test(name))
  for (const pid of pids) {
    for (const fd of files.quiet.names(`/proc/${pid}/fd`)) {
      const path = `/proc/${pid}/fd/${showPath(fd)}`
      const target = files.quiet.linkTarget(path)
      if (target === null || !isDeletedMain(showPath(target), id)) continue
      const file = await spoolFile(path, paths.data)
      found.push({
        kind: "deleted file",
        path: `${showPath(target)}, open in process ${pid}`,
        file,
        isForeign: false,
      })
    }
  }
  return found
}

/** Named after the session, or `events.jsonl` in a folder that is; Gemini CLI uses the first eight digits. */
function isDeletedMain(target: string, id: string): boolean {
  const ends = [`${id}.jsonl`, `/${id}/events.jsonl`, `-${id.slice(0, 8)}.jsonl`]
  return ends.some((end) => target.endsWith(`${end} (deleted)`))
}

async function ownTranscripts(id: SessionId, ctx: RunContext): Promise<RecordRemnant[]> {
  const own = (await detectAll(ctx, null)).filter((each) => each.id === id && each.transcriptSize > 0)
  return own.flatMap(({ transcript }): RecordRemnant[] =>
    transcript === null
      ? []
      : [
          {
            kind: "transcript",
            path: showPath(transcript),
            file: openTranscript(transcript),
            isForeign: false,
          },
        ],
  )
}

const maxFiles = 500

/** Files of the same project folder that hold records of it: after switching, a client wrote on into the old one [public]. */
function otherSessions({ id, home, projects }: Where, ctx: RunContext): RecordRemnant[] {
  const names = projects.flatMap((project) =>
    ctx.files.quiet
      .names(`${home}/${project}`)
      .flatMap((name) =>
        typeof name === "string" && name.endsWith(".jsonl") ? [`${home}/${project}/${name}`] : [],
      ),
  )
  return names
    .filter((path) => !path.endsWith(`/${id}.jsonl`))
    .slice(0, maxFiles)
    .flatMap((path): RecordRemnant[] => {
      const file = openTranscript(path)
      if (mentions(file, id)) return [{ kind: "other session", path, file, isForeign: true }]
      file.close()
      return []
    })
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

function indexed(id: SessionId, paths: Paths): TextRemnant[] {
  try {
    const index = openIndex(paths)
    try {
      return [...index.conversation(id)].flatMap(({ role, kind, text, time, subagent }): TextRemnant[] => {
        const isSaid = subagent === null && kind === "text" && (role === "user" || role === "assistant")
        return isSaid && text.trim() !== "" ? [{ kind: "index", role, text, time }] : []
      })
    } finally {
      index.close()
    }
  } catch {
    return [] // there is no index
  }
}

const maxHistoryBytes = 256 * (1 << 20)

/** The prompts that were typed, which the client keeps for all sessions in one file. */
function typed({ id, home }: Where, { files }: RunContext): TextRemnant[] {
  const text = files.quiet.text(`${home}/history.jsonl`, maxHistoryBytes) ?? ""
  return text.split("\n").flatMap((line): TextRemnant[] => {
    const entry = line.includes(id) ? parseRecord(new TextEncoder().encode(line)) : null
    if (entry?.sessionId !== id || typeof entry.display !== "string" || entry.display.trim() === "") return []
    const time = typeof entry.timestamp === "number" ? entry.timestamp : null
    return [{ kind: "history.jsonl", role: "user", text: entry.display, time }]
  })
}

function inPlace({ id, home, projects }: Where, { files }: RunContext): string[] {
  const folders = [...projects.map((project) => `${project}/${id}`), `file-history/${id}`, `tasks/${id}`]
  const walk = (relative: string): string[] => {
    const kind = files.quiet.stat(`${home}/${relative}`)?.kind
    if (kind === "file") return [relative]
    if (kind !== "folder") return []
    return files.quiet.names(`${home}/${relative}`).flatMap((name) => walk(`${relative}/${showPath(name)}`))
  }
  return folders.flatMap(walk)
}
