import {
  type Context,
  conversationIn,
  damageFlags,
  type FoundSession,
  lastActivityOf,
  least,
  numberIn,
  readEnds,
  type Session,
  type TranscriptRecord,
  type Turn,
  textIn,
} from "session-rescue"
import { compactsAt } from "./compaction.ts"
import { listFootprint } from "./footprint.ts"
import { codexHome } from "./homes.ts"
import { firstPrompt, givenName } from "./records/title.ts"
import { holdsTurn, isMessage, payloadOf, readTurn, timeOf } from "./records/turn.ts"
import type { CodexData } from "./sessions.ts"

/** Reads a thread's footprint and both ends of its rollout. */
export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const data = found.detectData as unknown as CodexData
  const { id, home, transcript } = found
  const main =
    typeof transcript === "string" ? { path: transcript, relative: transcript.slice(home.length + 1) } : null
  const footprint =
    id === null || main === null ? [] : listFootprint(ctx, home, id, [main, ...data.subagents])
  const ends = readEnds(ctx, footprint[0], {
    tail: holdsTurn,
    head: (records) => records.some(isPrompt),
  })
  const { head, tail } = ends
  const turn = main === null ? noTurn : readTurn(tail.records)
  const meta = payloadOf(head.records.find(({ type }) => type === "session_meta") ?? {})
  const context = payloadOf(tail.records.findLast(({ type }) => type === "turn_context") ?? {})
  const use = contextUse(tail.records)
  const cwd = textIn(context.cwd) ?? textIn(meta.cwd) ?? data.cwd
  return {
    ...found,
    flags: [...found.flags, ...damageFlags(ends)],
    footprint,
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: lastActivityOf(turn.lastMessageAt ?? null, footprint, ctx.now),
    turn,
    conversation: transcript === null ? "none" : conversationIn(ends, isMessage),
    exitedCleanly: null, // it writes the same whether it is killed or left between turns (0.171.0, observed)
    title: id === null ? null : (givenName(ctx, home, id) ?? firstPrompt(head.records)),
    cwd,
    gitBranch: textIn((meta.git as { branch?: unknown } | undefined)?.branch),
    version: textIn(meta.cli_version),
    startedAt: firstTime(head.records) ?? found.process?.startedAt ?? null,
    ...use,
    compactsAt: compactsAt(ctx, home, use.contextWindow),
    model: textIn(context.model),
    turnStop: stopOf(found),
    resumeWay:
      id === null
        ? null
        : {
            command: ["codex", "resume", id],
            onlyInFolder: false, // from elsewhere it asks which folder to work in (0.171.0, observed)
            joins: true,
            ...codexHome,
          },
  }
}

/** From `codex agents` or in its window, the turn alone is stopped: the service lives on (0.171.0, observed). */
function stopOf({ process: held }: FoundSession): string | null {
  if (held === null) return null
  const { window, terminal } = held
  return window === undefined || terminal === null
    ? "codex agents, choose it, and press x"
    : `Esc in its window (${terminal})`
}

const noTurn: Turn = { phase: "unknown", openCalls: [], lastRecordAt: null, message: "no rollout yet" }

function isPrompt(record: TranscriptRecord): boolean {
  return firstPrompt([record]) !== null
}

/** The client counts after each answer of the model; the window is what its settings give, less a reserve of its own. */
function contextUse(records: readonly TranscriptRecord[]) {
  const compacted = records.findLastIndex(({ type }) => type === "compacted")
  const count = records.slice(compacted + 1).findLast((record) => payloadOf(record).type === "token_count")
  const { info } = payloadOf(count ?? {}) as { info?: Record<string, unknown> | null }
  const last = (info?.last_token_usage ?? {}) as Record<string, unknown>
  return {
    contextTokens: numberIn(last.total_tokens),
    contextInputTokens: numberIn(last.input_tokens),
    contextWindow: numberIn(info?.model_context_window),
    compactedAt: timeOf(records[compacted] ?? {}),
  }
}

function firstTime(records: readonly TranscriptRecord[]): number | null {
  return least(records.flatMap((record) => timeOf(record) ?? []))
}
