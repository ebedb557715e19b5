import {
  type Context,
  type DiskPath,
  type Evidence,
  type Flag,
  type FootprintFile,
  type FoundSession,
  readHead,
  readTail,
  type Session,
  showPath,
  type TranscriptRecord,
  type TranscriptSlice,
  type Turn,
} from "session-rescue"
import { readContextUse } from "../context/context-use.ts"
import { listFootprint } from "../footprint/footprint.ts"
import { withActivity } from "../records/activity.ts"
import { readCleanExit } from "../records/clean-exit.ts"
import { isMessage, timeOf } from "../records/records.ts"
import { readTitle } from "../records/title.ts"
import { holdsLastStep, readTurn } from "../records/turn.ts"
import { filingOf } from "./filing.ts"
import { givenName } from "./given-name.ts"
import { detectDataOf } from "./to-session.ts"

const nothing: TranscriptSlice = { records: [], damaged: 0, torn: false, whole: true, unreadableEnd: false }

/** Reads a session's footprint and both ends of its transcript. */
export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const hints = detectDataOf(found)
  const live = found.process !== null
  const footprint = (found.candidates.length > 0 ? found.candidates : [found]).flatMap((each) =>
    each.id === null
      ? []
      : listFootprint(ctx, each.home, each.id, detectDataOf(each).project, each.transcript, live),
  )
  const main = footprint[0]
  const readable = found.transcript !== null && main?.kind === "file"
  const { head, tail } = readable
    ? readEnds(ctx, found.transcript, main.size)
    : { head: nothing, tail: nothing }
  const read = { turn: readable ? readTurn(tail.records) : unread(found), tail, footprint }
  const { turn, lastActivity, clock } = withActivity(ctx, found, read)
  const flags: Flag[] = [...found.flags]
  if (tail.torn) flags.push("torn-tail")
  if (head.damaged + tail.damaged > 0) flags.push("corrupt")
  if (clock) flags.push("clock")
  const version = lastText(tail.records, "version") ?? hints.version
  const all = [...head.records, ...tail.records]
  const filed = filingOf(ctx, found.home, found.transcript === null ? null : hints.project, all)
  return {
    ...found,
    flags,
    identity: [...found.identity, ...linkEvidence(ctx, found, main), ...filingEvidence(filed)],
    footprint,
    sizeBytes: footprint.reduce((sum, file) => sum + file.size, 0),
    lastActivity,
    turn,
    conversation: conversationOf(found, readable, head, tail),
    exitedCleanly: readCleanExit(ctx, found, tail.records, version),
    title:
      givenName(ctx, found, readable ? main.size : 0, head, tail) ?? readTitle(head.records, tail.records),
    cwd: filed.cwd ?? hints.cwd,
    filing: filed.filing ?? null,
    gitBranch: lastText(tail.records, "gitBranch"),
    version,
    startedAt: firstTime(head.records) ?? found.process?.startedAt ?? null,
    ...readContextUse(ctx, readable ? main : null, tail, hints.windowSettings),
  }
}

function readEnds(
  ctx: Context,
  transcript: DiskPath | null,
  size: number,
): { head: TranscriptSlice; tail: TranscriptSlice } {
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

function conversationOf(
  found: FoundSession,
  readable: boolean,
  head: TranscriptSlice,
  tail: TranscriptSlice,
) {
  if (found.transcript === null) return "none"
  if (readable && [...head.records, ...tail.records].some(isMessage)) return "whole"
  // the unread or unreadable part may hold messages
  return readable && tail.whole && tail.damaged === 0 && !tail.torn ? "empty" : "unreadable"
}

function unread(found: FoundSession): Turn {
  const message =
    found.transcript !== null
      ? "its transcript is not a plain file and was not read"
      : found.candidates.length > 0
        ? "more than one transcript matches"
        : "no transcript"
  return { phase: "unknown", openCalls: [], lastRecordAt: null, message }
}

function linkEvidence(ctx: Context, found: FoundSession, main: FootprintFile | undefined): Evidence[] {
  if (found.transcript === null || main?.kind !== "link") return []
  const target = ctx.files.linkTarget(main.path)
  return [
    {
      signal: "transcript",
      message: `a link to ${target === null ? "nowhere" : showPath(target)}, not followed`,
    },
  ]
}

function filingEvidence({ cwd, filing }: ReturnType<typeof filingOf>): Evidence[] {
  if (filing == null || (filing.known && filing.recorded === null)) return []
  const elsewhere = filing.recorded === null ? "" : `; its records name ${filing.recorded}`
  const message = filing.known
    ? `filed under ${cwd}: ${filing.message}`
    : `${filing.message}, and no folder of that name is known`
  return [{ signal: "folder", message: message + elsewhere }]
}

function lastText(records: readonly TranscriptRecord[], key: string): string | null {
  const value = records.findLast((record) => typeof record[key] === "string" && record[key] !== "")?.[key]
  return typeof value === "string" ? value : null
}

function firstTime(records: readonly TranscriptRecord[]): number | null {
  const times = records.flatMap((record) => timeOf(record) ?? [])
  return times.length === 0 ? null : Math.min(...times)
}
