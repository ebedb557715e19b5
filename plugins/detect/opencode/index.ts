/** Detects sessions of OpenCode: rows of its databases, and the processes that run them. Observed with 1.18.33. */
import { type Context, definePlugin, type FoundSession } from "session-rescue"
import { readSessions, type StoredSession } from "./database.ts"
import { examine } from "./examine.ts"
import { isOfSession } from "./footprint.ts"
import { knownHomes, namedHomes } from "./homes.ts"
import { readTree, treeFiles } from "./legacy.ts"
import { readParts } from "./parts.ts"
import { isOpencodeProgram } from "./program.ts"
import { findRunning } from "./running.ts"
import { heldSessions, type OpencodeData, reportOthers, storedSession, treeSession } from "./sessions.ts"
import { readAnswerUsage, usageMark } from "./usage.ts"

export default definePlugin({
  name: "opencode",
  stage: "detect",
  agent: "opencode",
  testedVersions: ["1.18.33"],
  async detect(ctx) {
    const running = await findRunning(ctx, knownHomes(ctx))
    reportOthers(ctx, running)
    const stored = running.homes.flatMap((home) => readSessions(ctx, home))
    const held = heldSessions(ctx, running, stored)
    const taken = new Set<StoredSession>(held.flatMap(({ sessions }) => sessions))
    return [
      ...held.map(({ found }) => found),
      ...stored.filter((each) => !taken.has(each)).map(storedSession),
      ...running.homes.flatMap((home) => treeSessions(ctx, home, stored)),
    ]
  },
  async *storedSessions(ctx) {
    for (const home of knownHomes(ctx)) {
      const stored = readSessions(ctx, home)
      const all = [...stored.map(storedSession), ...treeSessions(ctx, home, stored)]
      for (let at = 0; at < all.length; at += batchSize) yield all.slice(at, at + batchSize)
    }
  },
  changingFolders: namedHomes,
  examine,
  homes: namedHomes,
  isClientProgram: isOpencodeProgram,
  processVariable: "OPENCODE_PID",
  ownsPath: isOfSession,
  readRecord: readParts,
  tokenUsage: { mark: usageMark, read: readAnswerUsage },
  transcriptFiles(found, ctx) {
    const { tree } = found.detectData as unknown as OpencodeData
    if (tree == null) return []
    const [, ...files] = treeFiles(ctx, tree)
    return files
      .filter(({ relative }) => /^storage\/(message|part)\//.test(String(relative)))
      .map(({ path, relative }) => ({ path, relative }))
  },
})

const batchSize = 1000

function treeSessions(ctx: Context, home: string, stored: readonly StoredSession[]): readonly FoundSession[] {
  if (ctx.files.stat(`${home}/storage/session`)?.kind !== "folder") return []
  const taken = new Set<string>(stored.flatMap(({ id, children }) => [id, ...children]))
  return readTree(ctx, home, taken).map((tree) => treeSession(ctx, tree))
}
