/** Detects sessions of Qwen Code: chats, and the registry of its clients. Observed with 0.24.4. */
import {
  type Context,
  conversationIn,
  damageFlags,
  definePlugin,
  type FootprintFile,
  type FoundSession,
  lastActivityOf,
  numberIn,
  readEnds,
  type Session,
  type TranscriptSlice,
  textIn,
} from "session-rescue"
import { compactsAt } from "./compaction.ts"
import { isQwenProgram } from "./program.ts"
import {
  firstPrompt,
  givenTitle,
  isMessage,
  readAnswerUsage,
  readParts,
  readTurn,
  timeOf,
  usageMark,
} from "./records.ts"
import { transcriptRules } from "./rules.ts"
import { findSessions, sessionVariable, storedSession } from "./sessions.ts"
import { isOfChat, knownHomes, qwenHome, qwenHomes, readChats } from "./store.ts"

export default definePlugin({
  name: "qwen",
  stage: "detect",
  agent: "qwen",
  testedVersions: ["0.24.4"],
  detect: findSessions,
  async *storedSessions(ctx) {
    for (const home of knownHomes(ctx)) {
      const chats = readChats(ctx, home)
      for (let at = 0; at < chats.length; at += batchSize)
        yield chats.slice(at, at + batchSize).map((chat): FoundSession => storedSession(ctx, chat, []))
    }
  },
  changingFolders: (ctx: Context) => qwenHomes(ctx).map((home) => `${home}/sessions`),
  examine,
  homes: qwenHomes,
  isClientProgram: isQwenProgram,
  sessionVariable,
  ownsPath: isOfChat,
  readRecord: readParts,
  tokenUsage: { mark: usageMark, read: readAnswerUsage },
  transcriptRules,
})

const batchSize = 1000

async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const { id, transcript } = found
  const { cwd, relative } = found.detectData as { cwd: string | null; relative: string | null }
  const footprint = relative === null ? [] : listFootprint(ctx, found.home, relative)
  const file = footprint.find(({ path }) => path === transcript)
  const ends = readEnds(ctx, file, {
    tail: (records) => records.filter(isMessage).length > 20,
    head: (records) => firstPrompt(records) !== null,
  })
  const { head, tail } = ends
  const turn = readTurn(tail.records)
  const use = contextUse(tail)
  const last = tail.records.findLast(isMessage)
  return {
    ...found,
    flags: [...found.flags, ...damageFlags(ends)],
    footprint,
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: lastActivityOf(turn.lastMessageAt ?? null, footprint, ctx.now),
    turn,
    conversation: transcript === null ? "none" : conversationIn(ends, isMessage),
    exitedCleanly: null, // it writes nothing when it exits (0.24.4, observed)
    title: givenTitle(tail.records) ?? firstPrompt(head.records),
    cwd: textIn(last?.cwd) ?? cwd,
    gitBranch: textIn(last?.gitBranch),
    version: textIn(last?.version),
    startedAt: timeOf(head.records[0] ?? {}) ?? found.process?.startedAt ?? null,
    ...use,
    compactsAt: compactsAt(ctx, { home: found.home, cwd, window: use.contextWindow }),
    resumeWay:
      id === null
        ? null
        : { command: ["qwen", "--resume", id], onlyInFolder: true, joins: false, ...qwenHome }, // elsewhere: not found (0.24.4)
  }
}

/** The chat, and the files beside it that are named after it. */
function listFootprint(ctx: Context, home: string, relative: string): readonly FootprintFile[] {
  const folder = relative.slice(0, relative.lastIndexOf("/"))
  const stem = relative.slice(folder.length + 1).replace(/\.jsonl$/, "")
  const beside = ctx.files
    .names(`${home}/${folder}`)
    .flatMap((name) => (typeof name === "string" && name.startsWith(`${stem}.`) ? `${folder}/${name}` : []))
  return [relative, ...beside.filter((each) => each !== relative)].flatMap((each): FootprintFile[] => {
    const path = `${home}/${each}`
    const stat = ctx.files.stat(path)
    if (stat === null || stat.kind === "folder") return []
    const { kind, size, modifiedAt } = stat
    return [{ path, relative: each, kind, size: kind === "file" ? size : 0, modifiedAt }]
  })
}

function contextUse({ records }: TranscriptSlice) {
  const compacted = records.findLastIndex(({ subtype }) => subtype === "chat_compression")
  const answer = records.slice(compacted + 1).findLast((record) => readAnswerUsage(record) !== null)
  const usage = (answer?.usageMetadata ?? {}) as Record<string, unknown>
  return {
    contextTokens: numberIn(usage.totalTokenCount),
    contextInputTokens: numberIn(usage.promptTokenCount),
    contextWindow: numberIn(answer?.contextWindowSize), // as the client counts on it (0.24.4, read in its program)
    compactedAt: timeOf(records[compacted] ?? {}),
    model: textIn(answer?.model),
  }
}
