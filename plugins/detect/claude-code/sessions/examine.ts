import {
  type Context,
  type Evidence,
  type Flag,
  type FootprintFile,
  type FoundSession,
  type Session,
  showPath,
  type Turn,
} from "session-rescue"
import { contextUseOf } from "../context/context-use.ts"
import { listFootprint } from "../footprint/footprint.ts"
import { withActivity } from "../records/activity.ts"
import { leftCleanly } from "../records/clean-exit.ts"
import type { TranscriptFacts } from "../transcript/facts.ts"
import { filingOf } from "./filing.ts"
import { goneTranscript } from "./gone.ts"
import { detectDataOf } from "./to-session.ts"
import { factsOfTranscript, knownFacts, nameBeside } from "./transcript-facts.ts"

/** Reads a session's footprint and both ends of its transcript. */
export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const hints = detectDataOf(found)
  const known = knownFacts(ctx, found)
  const footprint = footprintOf(found, known !== null, ctx)
  const main = footprint[0]
  const beside = nameBeside(ctx, found)
  const isReadable = found.transcript !== null && main?.kind === "file"
  const facts = isReadable ? factsOfTranscript(ctx, found, main, { known, olderName: beside === null }) : null
  const own = facts ?? nothingRead
  const said = { turn: facts?.turn ?? unread(found), own, footprint }
  const { turn, lastActivity, clock } = withActivity(ctx, found, said)
  const flags: Flag[] = [...found.flags]
  if (own.torn) flags.push("torn-tail")
  if (own.damaged) flags.push("corrupt")
  if (clock) flags.push("clock")
  const version = own.version ?? hints.version
  const gone = goneTranscript(found, ctx) // safety: gone-transcript
  const filed = filingOf(ctx, found.home, found.transcript === null ? null : hints.project, own)
  return {
    ...found,
    flags,
    identity: [...found.identity, ...linkEvidence(ctx, found, main), ...filingEvidence(filed)],
    footprint,
    ...(gone.length === 0 ? {} : { lost: gone }),
    sizeBytes: footprint.reduce((sum, file) => sum + file.size, 0),
    lastActivity,
    turn,
    conversation: facts?.conversation ?? (found.transcript === null ? "none" : "unreadable"),
    exitedCleanly: leftCleanly(ctx, found, own.exit, version),
    title: own.givenName ?? beside ?? own.olderName ?? own.title,
    cwd: filed.cwd ?? hints.cwd,
    filing: filed.filing ?? null,
    gitBranch: own.gitBranch,
    version,
    startedAt: own.startedAt ?? found.process?.startedAt ?? null,
    ...contextUseOf(own.answer, hints.windowSettings),
  }
}

/** `unchanged`: the transcript is as it was found. */
function footprintOf(found: FoundSession, unchanged: boolean, ctx: Context): readonly FootprintFile[] {
  const live = found.process !== null
  return (found.candidates.length > 0 ? found.candidates : [found]).flatMap((each) => {
    if (each.id === null) return []
    const { home, id, transcript, transcriptStat: stat } = each
    const { project, hasFolder, hasFlat } = detectDataOf(each)
    const asFound = unchanged && !live && stat != null ? { stat, hasFolder, hasFlat } : null
    return listFootprint(ctx, { home, id, project, transcript, live, asFound })
  })
}

const nothingRead: Omit<TranscriptFacts, "turn" | "conversation"> = {
  saidAt: null,
  unanswered: [],
  unreadableEnd: false,
  torn: false,
  damaged: false,
  exit: "none",
  givenName: null,
  olderName: null,
  title: null,
  recordedFolder: null,
  ownFolder: null,
  gitBranch: null,
  version: null,
  startedAt: null,
  answer: null,
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
