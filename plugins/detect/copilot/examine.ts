import {
  type ClientStatus,
  type Context,
  conversationIn,
  damageFlags,
  type Fields,
  type FoundSession,
  fieldsOf,
  lastActivityOf,
  lineIn,
  numberIn,
  readEnds,
  type Session,
  type TranscriptRecord,
  textIn,
} from "session-rescue"
import { dataOf, hasShutDown, isMessage, isOwn, timeOf } from "./events/events.ts"
import { firstPrompt, givenTitle } from "./events/title.ts"
import { type CopilotTurn, holdsTurn, readTurn } from "./events/turn.ts"
import { type CopilotData, noStatus } from "./sessions.ts"
import { listFootprint } from "./store/footprint.ts"
import { copilotHome } from "./store/homes.ts"

/** Reads a session's footprint and both ends of its events. */
export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const data = found.detectData as unknown as CopilotData
  const { id, home, transcript } = found
  const footprint = id === null ? [] : listFootprint(ctx, { home, id, transcript })
  const file = footprint.find(({ path }) => path === transcript)
  const ends = readEnds(ctx, file, {
    tail: holdsTurn,
    head: (records) => firstPrompt(records) !== null,
  })
  const { head, tail } = ends
  const turn = transcript === null ? noTurn : turnOf(tail.records, data)
  const start = dataOf(head.records.find(({ type }) => type === "session.start") ?? {})
  const version = textIn(start.copilotVersion)
  const context = contextIn([...head.records, ...tail.records])
  return {
    ...found,
    flags: [...found.flags, ...damageFlags(ends)],
    reported: found.process === null ? found.reported : statusOf(turn),
    footprint,
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: lastActivityOf(turn.lastMessageAt ?? null, footprint, ctx.now),
    turn,
    conversation: transcript === null ? "none" : conversationIn(ends, isMessage),
    exitedCleanly: found.process === null ? leftCleanly(tail.records, version) : null,
    title: givenTitle(tail.records) ?? lineIn(data.title) ?? firstPrompt(head.records),
    cwd: context.cwd ?? data.cwd,
    gitBranch: context.branch ?? data.branch,
    version,
    startedAt: timeOf(head.records[0] ?? {}) ?? found.process?.startedAt ?? null,
    ...contextUse(tail.records),
    model: modelIn(tail.records) ?? modelIn(head.records),
    resumeWay:
      id === null
        ? null
        : {
            command: ["copilot", `--resume=${id}`],
            onlyInFolder: false, // it goes on in the folder it is started in (1.0.102, observed)
            joins: false,
            ...copilotHome,
          },
  }
}

const noTurn: CopilotTurn = {
  phase: "unknown",
  openCalls: [],
  lastRecordAt: null,
  message: "no events yet",
  question: null,
}

/** A client that resumed it and has not locked it yet has no turn: what the last one left open is over. */
function turnOf(events: readonly TranscriptRecord[], { unspoken }: CopilotData): CopilotTurn {
  const turn = readTurn(events)
  if (!unspoken) return turn
  const message = "it was resumed, and nothing was said since"
  return { ...turn, phase: "ended", openCalls: [], subagents: [], question: null, message }
}

/** 1.0.102 writes `session.shutdown` when it exits, on TERM too (observed); of versions before 1.0 it is not known. */
function leftCleanly(events: readonly TranscriptRecord[], version: string | null): boolean | null {
  const left = hasShutDown(events)
  return left === false && !/^[1-9]/.test(version ?? "") ? null : left
}

/** What Copilot records of a question to the user, as the status that it does not report. */
function statusOf({ question }: CopilotTurn): ClientStatus | null {
  if (question === null) return null
  const waitingFor = question.kind === "permission" ? "permission prompt" : "input needed"
  return { ...noStatus, status: "waiting", waitingFor, since: question.at }
}

function contextIn(events: readonly TranscriptRecord[]): { cwd: string | null; branch: string | null } {
  const found = events.flatMap((event) => {
    const data = dataOf(event)
    const context = (data.context ?? (event.type === "session.context_changed" ? data : {})) as Record<
      string,
      unknown
    >
    const cwd = textIn(context?.cwd)
    return cwd === null ? [] : [{ cwd, branch: textIn(context.branch) }]
  })
  return found.at(-1) ?? { cwd: null, branch: null }
}

/** From the last request of the conversation, or from the compaction since, which counts what is left. */
function contextUse(events: readonly TranscriptRecord[]) {
  const own = events.filter(isOwn)
  const compacted = own.findLastIndex(({ type }) => type === "session.compaction_complete")
  const answers = own.slice(compacted + 1).map((event) => fieldsOf(dataOf(event).usage))
  const usage = answers.findLast(({ interactionType }) => interactionType === "conversation-agent") ?? {}
  const left = own[compacted] === undefined ? null : numberIn(dataOf(own[compacted]).postCompactionTokens)
  const input = numberIn(usage.inputTokens)
  const window =
    lastNumber(own, ({ usage }) => fieldsOf(usage).maxPromptTokens) ??
    lastNumber(own, ({ tokenLimit }) => tokenLimit)
  return {
    contextTokens: input === null ? left : input + (numberIn(usage.outputTokens) ?? 0),
    contextInputTokens: input,
    contextWindow: window,
    compactsAt: window === null ? null : Math.round(window * compactedShare),
    compactedAt: timeOf(own[compacted] ?? {}),
  }
}

/** At this share it begins to compact in the background (the documentation of its SDK, which comes with 1.0.102). */
const compactedShare = 0.8

function lastNumber(events: readonly TranscriptRecord[], read: (data: Fields) => unknown): number | null {
  return events.reduce<number | null>((found, event) => numberIn(read(dataOf(event))) ?? found, null)
}

function modelIn(events: readonly TranscriptRecord[]): string | null {
  for (const event of events.toReversed()) {
    const { model, newModel, selectedModel, currentModel } = dataOf(event)
    const found = textIn(model) ?? textIn(newModel) ?? textIn(currentModel) ?? textIn(selectedModel)
    if (found !== null) return found
  }
  return null
}
