import {
  type Context,
  type Fields,
  type Flag,
  type FoundSession,
  fieldsOf,
  greatest,
  lastActivityOf,
  least,
  lineIn,
  type ResumeWay,
  readHead,
  readTail,
  type Session,
  type TranscriptSlice,
  type Turn,
  timeIn,
} from "session-rescue"
import { type ChatFile, isDocument } from "./chats.ts"
import { compressesAt } from "./compression.ts"
import { listFootprint } from "./footprint.ts"
import { readDocument } from "./records/document.ts"
import { isMessage, isSaid, readTalk, type Talk } from "./records/talk.ts"
import { firstPrompt, promptLine } from "./records/title.ts"
import { readTurn } from "./records/turn.ts"
import { retention } from "./retention.ts"
import { dataOf, type GeminiData, isBeheaded } from "./sessions.ts"

interface ReadFile {
  readonly file: ChatFile
  readonly head: TranscriptSlice
  readonly tail: TranscriptSlice
  readonly talk: Talk
}

/** Reads a session's footprint, and both ends of each of its files. */
export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const data = dataOf(found)
  const { id, home } = found
  const footprint = id === null ? [] : listFootprint(ctx, home, id, data)
  const read = data.files.filter(({ stat }) => stat.kind === "file").map((file) => readFile(ctx, file))
  const latest = latestOf(read)
  const talk = latest?.talk ?? readTalk([])
  const turn = latest === null ? noTurn : readTurn(talk)
  const lost = lostFiles(found, data, ctx)
  const cwd = data.cwd ?? (id === null ? null : savedFolder(ctx, id))
  const use = contextUse(talk)
  return {
    ...found,
    ...(lost.length === 0 ? {} : { identity: [...found.identity, ...lost] }),
    flags: [...found.flags, ...flagsOf(read), ...(lost.length === 0 ? [] : (["shrunk"] as const))],
    footprint,
    ...(found.process === null ? {} : { lost: beginningsLost(found, data, ctx) }),
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: lastActivityOf(turn.lastMessageAt ?? null, footprint, ctx.now),
    purgeAt: purgeTime(found, talk, ctx),
    turn,
    conversation: conversationOf(found, read),
    exitedCleanly: null, // it writes the same whether it is killed or left between turns (0.61.0, observed)
    title: titleOf(read),
    cwd,
    gitBranch: null,
    version: null,
    startedAt:
      least(data.files.flatMap(({ startedAt }) => startedAt ?? [])) ?? found.process?.startedAt ?? null,
    ...use,
    compactsAt: compressesAt(ctx, { home, cwd, window: use.contextWindow }),
    resumeWay: id === null ? null : resumeWay(id, data),
  }
}

const noTurn: Turn = { phase: "unknown", openCalls: [], lastRecordAt: null, message: "nothing was said yet" }

function readFile(ctx: Context, file: ChatFile): ReadFile {
  const { path, stat } = file
  if (isDocument(path)) {
    const whole = readDocument(ctx, path, stat.size)
    return { file, head: whole, tail: whole, talk: readTalk(whole.records) }
  }
  const tail = readTail(ctx, path, stat.size, ({ records }) => hasTalk(records))
  const head = tail.whole ? tail : readHead(ctx, path, stat.size, ({ records }) => hasTalk(records))
  return { file, head, tail, talk: readTalk(tail.records) }
}

function hasTalk(records: readonly Fields[]): boolean {
  return readTalk(records).messages.some(isSaid)
}

/** The file in which something was said last. */
function latestOf(read: readonly ReadFile[]): ReadFile | null {
  const times = ({ talk }: ReadFile) => talk.messages.flatMap(({ timestamp }) => timeIn(timestamp) ?? [])
  const spoken = read.filter(({ talk }) => talk.messages.some(isSaid))
  return spoken.toSorted((a, b) => (greatest(times(b)) ?? 0) - (greatest(times(a)) ?? 0))[0] ?? null
}

function flagsOf(read: readonly ReadFile[]): readonly Flag[] {
  const flags: Flag[] = []
  if (read.some(({ tail }) => tail.torn)) flags.push("torn-tail")
  const isDamaged = ({ head, tail, file }: ReadFile) =>
    head.damaged + (head === tail ? 0 : tail.damaged) > 0 || isBeheaded(file)
  if (read.some(isDamaged)) flags.push("corrupt")
  return flags
}

function conversationOf(found: FoundSession, read: readonly ReadFile[]): Session["conversation"] {
  if (found.transcript === null) return "none"
  if (read.some(({ head, talk }) => talk.messages.some(isSaid) || hasTalk(head.records))) return "whole"
  const isWhole = read.every(({ tail }) => tail.whole && tail.damaged === 0 && !tail.torn)
  return read.length > 0 && isWhole ? "empty" : "unreadable"
}

/** The title is written later, by any client; else the first prompt. */
function titleOf(read: readonly ReadFile[]): string | null {
  const slices = read.flatMap(({ head, talk }) => [talk, readTalk(head.records)])
  const summary = slices.flatMap((talk) => talk.summary ?? [])[0]
  if (summary !== undefined) return lineIn(summary)
  const heads = read.flatMap(({ head }) => [...head.records, ...listedMessages(head.records)])
  return firstPrompt(heads.filter((each) => isMessage(each) && promptLine(each) !== null))
}

function listedMessages(records: readonly Fields[]): readonly Fields[] {
  return records.flatMap((record) => {
    const { messages } = fieldsOf(record.$set ?? record)
    return Array.isArray(messages) ? messages.map(fieldsOf) : []
  })
}

/** Counted after each answer. After a compaction, until the next one, it is not known. */
function contextUse({ messages, wasReplaced }: Talk) {
  const last = wasReplaced ? undefined : messages.findLast(({ type }) => type === "gemini")
  const tokens = fieldsOf(last?.tokens)
  const number = (value: unknown) => (typeof value === "number" && value > 0 ? value : null)
  const { model } = messages.findLast((each) => typeof each.model === "string") ?? {}
  return {
    contextTokens: number(tokens.total),
    contextInputTokens: number(tokens.input),
    contextWindow: typeof model === "string" && /^gemini-/.test(model) ? geminiWindow : null,
    model: typeof model === "string" ? model : null,
  }
}

/** What the client counts on for every model of this name (public source). */
const geminiWindow = 1_048_576

/** The client goes by what it noted itself: a title that was written later makes the file newer, not the session. */
function purgeTime(found: FoundSession, { lastUpdated }: Talk, ctx: Context): number | null {
  const { maxAgeMs } = retention(ctx, found.home)
  if (found.purgeAt === null || maxAgeMs === null || lastUpdated === null) return found.purgeAt
  return Math.min(found.purgeAt, lastUpdated + maxAgeMs)
}

/** Files that an export holds, and that are gone or smaller now: after a resume the client deletes the longer one. */
function lostFiles({ id, home }: FoundSession, { files }: GeminiData, ctx: Context) {
  if (id === null) return []
  const sizes = new Map(files.map(({ path, stat }) => [path, stat.size]))
  const total = files.reduce((sum, { stat }) => sum + stat.size, 0)
  for (const { manifest, path } of ctx.savedExports(id)) {
    const lost = manifest.files.find(({ source, relative, length, store }) => {
      const isChat = /^tmp\/[^/]+\/chats\/[^/]+$/.test(relative) && source.startsWith(`${home}/`)
      const isMeasured = store === undefined || !sizes.has(source) // the length of a document tells nothing
      return isChat && isMeasured && length > (sizes.get(source) ?? 0) && length > total
    })
    if (lost === undefined) continue
    const message = `${lost.source} is ${sizes.has(lost.source) ? "shorter than" : "gone, but held by"} ${path}`
    return [{ signal: "exports", message }]
  }
  return []
}

/** Only the client still knows what was in a file that was deleted while it ran, unless an export has that. */
function beginningsLost({ id }: FoundSession, { files }: GeminiData, ctx: Context) {
  // of a file that has lost its beginning, an export says that it is damaged
  const whole =
    id === null
      ? []
      : ctx.savedExports(id).filter(({ manifest }) => !manifest.session.flags.includes("corrupt"))
  const saved = new Set(whole.flatMap(({ manifest }) => manifest.files.map(({ source }) => source)))
  return files.filter(isBeheaded).flatMap(({ path, relative }) => {
    const isSaved = saved.has(path)
    const why = "the file was deleted while its client ran, and no export holds what was in it until then"
    return isSaved
      ? []
      : [{ source: `${path} (its beginning)`, relative: `${relative} (its beginning)`, why }]
  })
}

/** Its own folder as it was when it was saved: the files alone do not name it. */
function savedFolder(ctx: Context, id: NonNullable<FoundSession["id"]>): string | null {
  return ctx.savedExports(id).flatMap(({ manifest }) => manifest.session.cwd ?? [])[0] ?? null
}

function resumeWay(id: string, { files, cwd }: GeminiData): ResumeWay {
  const [main] = files
  const headless = main !== undefined && isBeheaded(main)
  return {
    command: ["gemini", "--resume", id],
    onlyInFolder: true, // elsewhere it is not found (0.61.0, observed)
    joins: false,
    homeVariable: "GEMINI_CLI_HOME",
    homeFolder: ".gemini",
    homeIsAbove: true,
    note: `${cwd === null ? "" : "its client finds it only from this folder, and "}may delete its file at a later start: export it again then`,
    ...(headless
      ? {
          obstacle:
            "the beginning of its file is gone, and its client does not list it: restore an earlier export",
        }
      : {}),
  }
}
