import {
  type Context,
  type DiskPath,
  type Evidence,
  type Flag,
  type FootprintFile,
  type FoundSession,
  type Session,
  showPath,
  type Turn,
} from "session-rescue"
import { readFarewell } from "./farewell.ts"
import { listFootprint } from "./footprint.ts"
import { hintsOf } from "./found.ts"
import { isMessage, readHead, readTail, type Stretch, type TranscriptRecord, timeOf } from "./records.ts"
import { subagentCalls } from "./subagents.ts"
import { readTitle } from "./title.ts"
import { slugOf } from "./transcripts.ts"
import { holdsLastStep, readTurn } from "./turn.ts"

const nothing: Stretch = { records: [], damaged: 0, torn: false, whole: true }
const subagentTools = new Set(["Task", "Agent"])

/** Reads a session's footprint and both ends of its transcript. */
export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const hints = hintsOf(found)
  const live = found.process !== null
  const footprint = (found.candidates.length > 0 ? found.candidates : [found]).flatMap((each) =>
    each.id === null
      ? []
      : listFootprint(ctx, each.home, each.id, hintsOf(each).project, each.transcript, live),
  )
  const main = footprint[0]
  const readable = found.transcript !== null && main?.kind === "file"
  const { head, tail } = readable
    ? readEnds(ctx, found.transcript, main.size)
    : { head: nothing, tail: nothing }
  const turn = withSubagents(ctx, readable ? readTurn(tail.records) : unread(found), footprint)
  const { lastActivity, clock } = newestWrite(footprint, turn, ctx.now)
  const flags: Flag[] = [...found.flags]
  if (tail.torn) flags.push("torn-tail")
  if (head.damaged + tail.damaged > 0) flags.push("corrupt")
  if (clock) flags.push("clock")
  const version = lastText(tail.records, "version") ?? hints.version
  const all = [...head.records, ...tail.records]
  return {
    ...found,
    flags,
    identity: [...found.identity, ...linkEvidence(ctx, found, main)],
    footprint,
    sizeBytes: footprint.reduce((sum, file) => sum + file.size, 0),
    lastActivity,
    turn,
    conversation: conversationOf(found, readable, head, tail),
    farewell: readFarewell(ctx, found, tail.records, version),
    title: readTitle(head.records, tail.records),
    cwd: folderOf(all, hints.project) ?? hints.cwd,
    gitBranch: lastText(tail.records, "gitBranch"),
    version,
    startedAt: firstTime(head.records) ?? found.process?.startedAt ?? null,
    contextTokens: contextTokens(tail.records),
  }
}

function readEnds(ctx: Context, transcript: DiskPath | null, size: number): { head: Stretch; tail: Stretch } {
  if (transcript === null) return { head: nothing, tail: nothing }
  const tail = readTail(ctx, transcript, size, ({ records }) => holdsLastStep(records))
  if (tail.whole) return { head: tail, tail }
  const head = readHead(
    ctx,
    transcript,
    size,
    ({ records }) =>
      records.some((record) => typeof record.cwd === "string") &&
      records.some((record) => record.type === "user"),
  )
  return { head, tail }
}

function conversationOf(found: FoundSession, readable: boolean, head: Stretch, tail: Stretch) {
  if (found.transcript === null) return "none"
  if (readable && [...head.records, ...tail.records].some(isMessage)) return "whole"
  // what was not read, or could not be, may hold messages
  return readable && tail.whole && tail.damaged === 0 && !tail.torn ? "empty" : "unreadable"
}

function unread(found: FoundSession): Turn {
  const says =
    found.transcript !== null
      ? "its transcript is not a plain file and was not read"
      : found.candidates.length > 0
        ? "more than one transcript fits"
        : "no transcript"
  return { phase: "unknown", openCalls: [], lastRecordAt: null, says }
}

/** While a subagent works, what it does stands in its own transcript. */
function withSubagents(ctx: Context, turn: Turn, footprint: readonly FootprintFile[]): Turn {
  const oldest = turn.openCalls.find((call) => subagentTools.has(call.tool))?.at
  if (oldest === undefined) return turn
  return { ...turn, openCalls: [...turn.openCalls, ...subagentCalls(ctx, footprint, oldest ?? 0)] }
}

/** A file from the future says nothing: then the records' own times count. */
function newestWrite(footprint: readonly FootprintFile[], turn: Turn, now: number) {
  const tolerance = 60_000
  const times = footprint.flatMap((file) => (file.tie === undefined ? file.modifiedAt : []))
  const past = times.filter((at) => at <= now + tolerance)
  const clock = past.length < times.length || (turn.lastRecordAt ?? 0) > now + tolerance
  const record = past.length < times.length && turn.lastRecordAt !== null ? [turn.lastRecordAt] : []
  const newest = Math.max(...past, ...record)
  if (times.length === 0) return { lastActivity: null, clock: false }
  return { lastActivity: Math.min(now, Number.isFinite(newest) ? newest : now), clock }
}

function linkEvidence(ctx: Context, found: FoundSession, main: FootprintFile | undefined): Evidence[] {
  if (found.transcript === null || main?.kind !== "link") return []
  const target = ctx.files.linkTarget(main.path)
  return [
    {
      signal: "transcript",
      says: `a link to ${target === null ? "nowhere" : showPath(target)}, not followed`,
    },
  ]
}

/** The folder the client files this conversation under: only from there it can be resumed. */
function folderOf(records: readonly TranscriptRecord[], project: DiskPath | null): string | null {
  const folders = records.flatMap((record) => (typeof record.cwd === "string" ? [record.cwd] : []))
  const name = project === null ? null : showPath(project).slice(showPath(project).lastIndexOf("/") + 1)
  return folders.find((folder) => slugOf(folder) === name) ?? folders[0] ?? null
}

function lastText(records: readonly TranscriptRecord[], key: string): string | null {
  const value = records.findLast((record) => typeof record[key] === "string" && record[key] !== "")?.[key]
  return typeof value === "string" ? value : null
}

function firstTime(records: readonly TranscriptRecord[]): number | null {
  const times = records.flatMap((record) => timeOf(record) ?? [])
  return times.length === 0 ? null : Math.min(...times)
}

/** The context in use: the last answer's usage, never a sum over records. */
function contextTokens(records: readonly TranscriptRecord[]): number | null {
  for (const record of records.toReversed()) {
    if (!isMessage(record) || record.type !== "assistant" || record.isApiErrorMessage === true) continue
    const usage = (record.message as { usage?: Record<string, unknown> } | undefined)?.usage
    if (usage === undefined || usage === null) continue
    const parts = ["input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "output_tokens"]
    return parts.reduce(
      (sum, part) => sum + (typeof usage[part] === "number" ? (usage[part] as number) : 0),
      0,
    )
  }
  return null
}
