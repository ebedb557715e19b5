/** Detects sessions of Cline's command line: folders of JSON that is rewritten whole. Observed with 3.0.65. */
import {
  type Context,
  definePlugin,
  type FoundSession,
  lastActivityOf,
  type Session,
  type Turn,
} from "session-rescue"
import { isClineProgram } from "./program.ts"
import { firstPrompt, readAnswerUsage, readParts, readTurn, usageMark } from "./records.ts"
import { type ClineData, findSessions, storedSession } from "./sessions.ts"
import {
  clineHome,
  clineHomes,
  isOfSession,
  knownHomes,
  listFootprint,
  readFolders,
  readMessages,
} from "./store.ts"

export default definePlugin({
  name: "cline",
  stage: "detect",
  agent: "cline",
  testedVersions: ["3.0.65"],
  detect: findSessions,
  async *storedSessions(ctx) {
    for (const home of knownHomes(ctx)) {
      const folders = readFolders(ctx, home)
      for (let at = 0; at < folders.length; at += batchSize)
        yield folders.slice(at, at + batchSize).map((folder): FoundSession => storedSession(folder))
    }
  },
  changingFolders: (ctx: Context) => clineHomes(ctx).map((home) => `${home}/sessions`),
  examine,
  homes: clineHomes,
  isClientProgram: isClineProgram,
  ownsPath: isOfSession,
  readRecord: readParts,
  tokenUsage: { mark: usageMark, read: readAnswerUsage },
  transcriptFiles(found, ctx) {
    const { relative } = found.detectData as unknown as ClineData
    if (relative === null) return []
    return ctx.files
      .names(`${found.home}/${relative}`)
      .flatMap((name) =>
        typeof name === "string" && /^agent_.*\.messages\.json$/.test(name)
          ? [{ path: `${found.home}/${relative}/${name}`, relative: `${relative}/${name}` }]
          : [],
      )
  },
})

const batchSize = 1000

async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const { id, transcript } = found
  const data = found.detectData as unknown as ClineData & { readonly cwd?: string | null }
  const { record } = data
  const footprint = data.relative === null ? [] : listFootprint(ctx, found.home, data.relative)
  const messages = typeof transcript === "string" ? readMessages(ctx, transcript) : []
  const turn = data.isOnlyShown
    ? openedAgain
    : readTurn(messages ?? [], record?.status ?? null, data.recordedAt)
  const answer = messages?.findLast((each) => readAnswerUsage(each) !== null)
  const usage = answer === undefined ? null : readAnswerUsage(answer)
  const input = usage === null ? null : usage.input + usage.cacheRead + usage.cacheWrite
  return {
    ...found,
    flags: [...found.flags, ...(messages === null || data.isDamaged ? (["corrupt"] as const) : [])],
    footprint,
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: lastActivityOf(turn.lastMessageAt ?? null, footprint, ctx.now),
    turn,
    conversation: conversationOf(transcript === null, messages, record?.prompt != null),
    exitedCleanly: null, // a session that is left stays idle, as one that is killed between turns (3.0.65, observed)
    title: record?.title ?? firstPrompt(messages ?? []),
    cwd: record?.cwd ?? data.cwd ?? null,
    gitBranch: null,
    version: record?.version ?? null,
    startedAt: record?.startedAt ?? found.process?.startedAt ?? null,
    contextTokens: usage === null || input === null ? null : input + usage.output,
    contextInputTokens: input,
    model: usage?.model ?? record?.model ?? null,
    resumeWay:
      id === null
        ? null
        : {
            command: ["cline", "-i", "--id", id],
            onlyInFolder: false, // found from any folder; it then works in that one (3.0.65, observed)
            joins: false,
            ...clineHome,
          },
  }
}

const openedAgain: Turn = {
  phase: "ended",
  openCalls: [],
  lastRecordAt: null,
  message: "it was opened again, and nothing was written since",
}

function conversationOf(
  isMissing: boolean,
  messages: readonly unknown[] | null,
  wasAsked: boolean,
): Session["conversation"] {
  if (isMissing) return "none"
  if (messages === null) return "unreadable"
  return messages.length === 0 && !wasAsked ? "empty" : "whole"
}
