import {
  type Context,
  type Flag,
  type FoundSession,
  greatest,
  least,
  readHead,
  readTail,
  type Session,
  type TranscriptRecord,
  type TranscriptSlice,
  type Turn,
} from "session-rescue"
import { listFootprint } from "./footprint.ts"
import { codexHome } from "./homes.ts"
import type { CodexData } from "./sessions.ts"
import { firstPrompt, givenName } from "./title.ts"
import { holdsTurn, isMessage, payloadOf, readTurn, timeOf } from "./turn.ts"

const nothing: TranscriptSlice = { records: [], damaged: 0, torn: false, whole: true, unreadableEnd: false }
/** Clock difference allowed for another machine; later times are ignored. */
const futureToleranceMs = 60_000

/** Reads a thread's footprint and both ends of its rollout. */
export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const data = found.detectData as unknown as CodexData
  const { id, home, transcript } = found
  const main =
    typeof transcript === "string" ? { path: transcript, relative: transcript.slice(home.length + 1) } : null
  const footprint =
    id === null || main === null ? [] : listFootprint(ctx, home, id, [main, ...data.subagents])
  const file = footprint[0]
  const readable = main !== null && file?.kind === "file"
  const tail = readable ? readTail(ctx, main.path, file.size, ({ records }) => holdsTurn(records)) : nothing
  const head =
    !readable || tail.whole
      ? tail
      : readHead(ctx, main.path, file.size, ({ records }) => records.some(isPrompt))
  const turn = main === null ? noTurn : readTurn(tail.records)
  const flags: Flag[] = [...found.flags]
  if (tail.torn) flags.push("torn-tail")
  if (head.damaged + (head === tail ? 0 : tail.damaged) > 0) flags.push("corrupt")
  const until = ctx.now + futureToleranceMs
  const written = footprint.map(({ modifiedAt }) => modifiedAt).filter((at) => at <= until)
  const said = turn.lastMessageAt ?? null
  const meta = payloadOf(head.records.find(({ type }) => type === "session_meta") ?? {})
  const context = payloadOf(tail.records.findLast(({ type }) => type === "turn_context") ?? {})
  const cwd = text(context.cwd) ?? text(meta.cwd) ?? data.cwd
  return {
    ...found,
    flags,
    footprint,
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: said !== null && said <= until ? Math.min(said, ctx.now) : greatest(written),
    turn,
    conversation: conversationOf(found, readable, head, tail),
    exitedCleanly: null, // it writes the same whether it is killed or left between turns (0.171.0, observed)
    title: id === null ? null : (givenName(ctx, home, id) ?? firstPrompt(head.records)),
    cwd,
    gitBranch: text((meta.git as { branch?: unknown } | undefined)?.branch),
    version: text(meta.cli_version),
    startedAt: firstTime(head.records) ?? found.process?.startedAt ?? null,
    ...contextUse(tail.records),
    model: text(context.model),
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

const noTurn: Turn = { phase: "unknown", openCalls: [], lastRecordAt: null, message: "no rollout yet" }

function isPrompt(record: TranscriptRecord): boolean {
  return firstPrompt([record]) !== null
}

function conversationOf(
  found: FoundSession,
  readable: boolean,
  head: TranscriptSlice,
  tail: TranscriptSlice,
): Session["conversation"] {
  if (found.transcript === null) return "none"
  if (readable && [...head.records, ...tail.records].some(isMessage)) return "whole"
  return readable && tail.whole && tail.damaged === 0 && !tail.torn ? "empty" : "unreadable"
}

/** The client counts after each answer of the model; the window is what its settings give, less a reserve of its own. */
function contextUse(records: readonly TranscriptRecord[]) {
  const compacted = records.findLastIndex(({ type }) => type === "compacted")
  const count = records.slice(compacted + 1).findLast((record) => payloadOf(record).type === "token_count")
  const { info } = payloadOf(count ?? {}) as { info?: Record<string, unknown> | null }
  const last = (info?.last_token_usage ?? {}) as Record<string, unknown>
  return {
    contextTokens: number(last.total_tokens),
    contextInputTokens: number(last.input_tokens),
    contextWindow: number(info?.model_context_window),
  }
}

function firstTime(records: readonly TranscriptRecord[]): number | null {
  return least(records.flatMap((record) => timeOf(record) ?? []))
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null
}

function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null
}
