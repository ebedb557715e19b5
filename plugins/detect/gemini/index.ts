/** Detects sessions of Gemini CLI: chats, and the processes that hold them. Observed with 0.61.0. */
import { type Context, definePlugin, type FoundSession } from "session-rescue"
import { type Chat, readChats } from "./chats.ts"
import { examine } from "./examine.ts"
import { isOfChat, soleFile } from "./footprint.ts"
import { knownHomes, namedHomes } from "./homes.ts"
import { matchClients } from "./matching.ts"
import { isGeminiProgram } from "./program.ts"
import { readParts } from "./records/parts.ts"
import { transcriptRules } from "./records/rules.ts"
import { readAnswerUsage, usageMark } from "./records/usage.ts"
import { findRunning } from "./running.ts"
import { dataOf, liveSession, purgesOf, storedSession } from "./sessions.ts"

export default definePlugin({
  name: "gemini",
  stage: "detect",
  agent: "gemini",
  testedVersions: ["0.61.0"],
  async detect(ctx) {
    const running = await findRunning(ctx, knownHomes(ctx))
    const folders = running.clients.flatMap(({ details }) => details.cwd ?? [])
    const chats = running.homes.flatMap((home) => readChats(ctx, home, folders))
    const matches = matchClients(ctx, running.clients, chats)
    const purges = purgesOf(ctx, chats)
    const live = matches.map((match) => {
      const isDuplicate = matches.some(
        (other) => other !== match && other.chat !== null && other.chat === match.chat,
      )
      return liveSession(ctx, running, match, { isDuplicate, purges })
    })
    const taken = new Set<Chat>(
      matches.flatMap(({ chat, candidates }) => [...(chat === null ? [] : [chat]), ...candidates]),
    )
    const rest = chats.filter((chat) => !taken.has(chat))
    return [...live, ...rest.map((chat) => storedSession(chat, purges))]
  },
  async *storedSessions(ctx) {
    for (const home of knownHomes(ctx)) {
      const chats = readChats(ctx, home)
      const purges = purgesOf(ctx, chats)
      for (let at = 0; at < chats.length; at += batchSize)
        yield chats.slice(at, at + batchSize).map((chat): FoundSession => storedSession(chat, purges))
    }
  },
  changingFolders: (ctx) => namedHomes(ctx).map((home) => `${home}/tmp`),
  examine,
  homes: namedHomes,
  isClientProgram: isGeminiProgram,
  ownsPath: isOfChat,
  transcriptRules,
  soleFile,
  readRecord: readParts,
  tokenUsage: { mark: usageMark, read: readAnswerUsage },
  transcriptFiles(found) {
    const { files, subagents } = dataOf(found)
    return [...files.filter(({ path }) => path !== found.transcript), ...subagents].map(
      ({ path, relative }) => ({
        path,
        relative,
      }),
    )
  },
  sharedFiles: (ctx) => knownHomes(ctx).flatMap((home) => promptLogs(ctx, home)),
})

const batchSize = 1000

function promptLogs(ctx: Context, home: string) {
  return ctx.files.names(`${home}/tmp`).flatMap((slug) => {
    const relative = `tmp/${slug}/logs.json`
    const isThere = typeof slug === "string" && ctx.files.stat(`${home}/${relative}`)?.kind === "file"
    return isThere ? [{ path: `${home}/${relative}`, relative }] : []
  })
}
