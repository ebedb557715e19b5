import {
  type Context,
  type DatabaseReader,
  type Flag,
  type FootprintFile,
  type FoundSession,
  fieldsOf,
  futureToleranceMs,
  numberIn,
  readDatabase,
  type Session,
  type SessionRows,
  type Turn,
  textIn,
} from "session-rescue"
import { examineTree } from "./legacy.ts"
import { type Message, type MessagePart, parseData } from "./records.ts"
import type { OpencodeData } from "./sessions.ts"
import { readTurn } from "./turn.ts"

/** Of a part, its output is not needed to tell how the turn stands. */
const maxPartBytes = 1 << 16

/** Reads how a session's last turn stands: its last message and that one's parts. */
export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const data = found.detectData as unknown as OpencodeData
  if (data.tree !== null) return examineTree(found, data.tree, ctx)
  const { rows } = found
  if (rows === undefined) return { ...bare(found, data), footprint: [], sizeBytes: 0, conversation: "none" }
  const reader = readDatabase(ctx, rows.database)
  if (reader === null) throw new Error(`${rows.database} is not there any more`)
  const facts = readFacts(reader, rows)
  const sizeBytes = sizeOf(reader, [rows.key, ...data.children])
  const main: FootprintFile = {
    path: found.transcript ?? "",
    relative: String(found.transcript).slice(found.home.length + 1),
    kind: "file",
    size: sizeBytes,
    modifiedAt: found.modifiedAt ?? 0,
  }
  const turn = readTurn(facts.last, facts.parts)
  const said = turn.lastMessageAt ?? null
  const { last } = facts
  return {
    ...bare(found, data),
    footprint: [main, ...sideFiles(ctx, found.home, rows.key)],
    sizeBytes,
    turn,
    lastActivity:
      said !== null && said <= ctx.now + futureToleranceMs ? Math.min(said, ctx.now) : found.modifiedAt,
    conversation: last === null ? "empty" : "whole",
    ...contextUse(facts.answer),
    model: textIn(facts.answer?.data.modelID),
  }
}

/** What detection knows already. */
function bare(found: FoundSession, data: OpencodeData): Session {
  const flags: Flag[] = [...found.flags]
  return {
    ...found,
    flags,
    footprint: [],
    sizeBytes: 0,
    lastActivity: found.modifiedAt,
    turn: nothingYet,
    conversation: "none",
    exitedCleanly: null, // it writes the same whether it is left or killed between turns (1.18.33, observed)
    title: data.title,
    cwd: data.cwd,
    gitBranch: null,
    version: data.version,
    startedAt: data.startedAt ?? found.process?.startedAt ?? null,
    contextTokens: null,
    resumeWay:
      found.id === null
        ? null
        : {
            command: ["opencode", "-s", found.id],
            onlyInFolder: false, // it goes on in the session's own folder (1.18.33, observed)
            joins: false,
            homeVariable: "XDG_DATA_HOME",
            homeFolder: ".local/share/opencode",
            homeIsAbove: true,
          },
  }
}

const nothingYet: Turn = {
  phase: "unknown",
  openCalls: [],
  lastRecordAt: null,
  message: "nothing was said yet",
}

interface Facts {
  readonly last: Message | null
  readonly parts: readonly MessagePart[]
  /** The newest answer that tells its tokens. */
  readonly answer: Message | null
}

interface DataRow {
  readonly id: string
  readonly at: number | null
  readonly data: string | null
}

function readFacts(reader: DatabaseReader, { key }: SessionRows): Facts {
  const messages = reader
    .all<DataRow>(
      `select id, time_updated as at, data from message where session_id = ? order by time_created desc, id desc limit 6`,
      key,
    )
    .map(({ id, at, data }): Message => ({ id, at, data: parseData(data) }))
  const [last = null] = messages
  const parts =
    last === null
      ? []
      : reader
          .all<DataRow>(
            `select id, time_updated as at, case when octet_length(data) <= ${maxPartBytes} then data
               else json_remove(data, '$.state.output', '$.text') end as data
             from part where message_id = ? order by id`,
            last.id,
          )
          .map(({ at, data }): MessagePart => ({ at, data: parseData(data) }))
  const answer = messages.find(
    ({ data }) => data.role === "assistant" && numberIn(fieldsOf(data.tokens).output) !== null,
  )
  return { last, parts, answer: answer ?? null }
}

/** Bytes of what is said in it and in its child sessions; not of the events that repeat it. */
function sizeOf(reader: DatabaseReader, ids: readonly string[]): number {
  let size = 0
  for (const table of ["message", "part"]) {
    if (!reader.columns(table).includes("session_id")) continue
    for (const id of ids) {
      const [row] = reader.all<{ size: number | null }>(
        `select sum(octet_length(data)) as size from "${table}" where session_id = ?`,
        id,
      )
      size += row?.size ?? 0
    }
  }
  return size
}

/** The context that the next request begins with: what the last answer was made from, and the answer. */
function contextUse(answer: Message | null) {
  const tokens = fieldsOf(answer?.data.tokens)
  const cache = fieldsOf(tokens.cache)
  const [input, output] = [numberIn(tokens.input), numberIn(tokens.output)]
  if (input === null || output === null) return { contextTokens: null, contextInputTokens: null }
  const sent = input + (numberIn(cache.read) ?? 0) + (numberIn(cache.write) ?? 0)
  return sent + output === 0
    ? { contextTokens: null, contextInputTokens: null }
    : { contextTokens: sent + output, contextInputTokens: sent }
}

/** The changes that the client shows for the session, in a file of its own (public). */
function sideFiles(ctx: Context, home: string, id: string): readonly FootprintFile[] {
  const relative = `storage/session_diff/${id}.json`
  const stat = ctx.files.stat(`${home}/${relative}`)
  if (stat === null || stat.kind === "folder") return []
  const { kind, size, modifiedAt } = stat
  return [{ path: `${home}/${relative}`, relative, kind, size: kind === "file" ? size : 0, modifiedAt }]
}
