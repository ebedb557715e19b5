/** Detects sessions of Kimi Code: folders with a wire for each agent. Observed with 2.1.0. */
import {
  type ClientStatus,
  type Context,
  conversationIn,
  damageFlags,
  definePlugin,
  type FoundSession,
  lastActivityOf,
  readEnds,
  type Session,
} from "session-rescue"
import {
  contextTokens,
  firstPrompt,
  holdsTurn,
  isMessage,
  type KimiTurn,
  readAnswerUsage,
  readParts,
  readTurn,
  timeOf,
  usageMark,
} from "./records.ts"
import { transcriptRules } from "./rules.ts"
import { findSessions, isKimiProgram, type KimiData, storedSession } from "./sessions.ts"
import { isOfSession, kimiHome, kimiHomes, knownHomes, listFootprint, readFolders } from "./store.ts"

export default definePlugin({
  name: "kimi",
  stage: "detect",
  agent: "kimi",
  testedVersions: ["2.1.0"],
  detect: findSessions,
  async *storedSessions(ctx) {
    for (const home of knownHomes(ctx)) {
      const folders = readFolders(ctx, home).filter(({ wire }) => wire !== null)
      for (let at = 0; at < folders.length; at += batchSize)
        yield folders.slice(at, at + batchSize).map((folder): FoundSession => storedSession(folder))
    }
  },
  changingFolders: (ctx: Context) => kimiHomes(ctx).map((home) => `${home}/sessions/.index-dirty`),
  examine,
  homes: kimiHomes,
  isClientProgram: isKimiProgram,
  ownsPath: isOfSession,
  transcriptRules,
  readRecord: readParts,
  tokenUsage: { mark: usageMark, read: readAnswerUsage },
  transcriptFiles(found, ctx) {
    const { relative } = found.detectData as unknown as KimiData
    const agents = relative === null ? [] : ctx.files.names(`${found.home}/${relative}/agents`)
    return agents.flatMap((name) => {
      const wire = `${relative}/agents/${typeof name === "string" ? name : ""}/wire.jsonl`
      const isOther = typeof name === "string" && name !== "main"
      return isOther && ctx.files.stat(`${found.home}/${wire}`) !== null
        ? [{ path: `${found.home}/${wire}`, relative: wire }]
        : []
    })
  },
})

const batchSize = 1000

async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const { id, transcript } = found
  const data = found.detectData as unknown as KimiData
  const footprint = data.relative === null ? [] : listFootprint(ctx, found.home, data.relative)
  const file = footprint.find(({ path }) => path === transcript)
  const ends = readEnds(ctx, file, {
    tail: holdsTurn,
    head: (records) => firstPrompt(records) !== null,
  })
  const { head, tail } = ends
  const turn = readTurn(tail.records)
  return {
    ...found,
    flags: [...found.flags, ...damageFlags(ends)],
    reported: found.process === null ? null : statusOf(turn),
    footprint,
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: lastActivityOf(turn.lastMessageAt ?? null, footprint, ctx.now),
    turn,
    conversation: transcript === null ? "none" : conversationIn(ends, isMessage),
    exitedCleanly: null, // it writes the same whether it is killed or left between turns (2.1.0, observed)
    title: data.title ?? firstPrompt(head.records),
    cwd: data.cwd,
    gitBranch: null,
    version: null,
    startedAt:
      timeOf(head.records.find((each) => timeOf(each) !== null) ?? {}) ?? found.process?.startedAt ?? null,
    contextTokens: contextTokens(tail.records),
    resumeWay:
      id === null
        ? null
        : { command: ["kimi", "--session", id], onlyInFolder: true, joins: false, ...kimiHome }, // elsewhere it refuses (2.1.0)
  }
}

/** What its wire records of a question to the user, as the status that it does not report. */
function statusOf({ question }: KimiTurn): ClientStatus | null {
  if (question === null) return null
  const waitingFor = question.kind === "approval" ? "permission prompt" : "input needed"
  const rest = { stale: false, headless: false, foreign: false }
  return { status: "waiting", waitingFor, since: question.at, ...rest }
}
