/** Detects sessions of the GitHub Copilot CLI: folders, and the processes that have them open. Observed with 1.0.102. */
import { type Context, definePlugin, type FoundSession } from "session-rescue"
import { readParts } from "./events/parts.ts"
import { transcriptRules } from "./events/rules.ts"
import { readAnswerUsage, usageMark } from "./events/usage.ts"
import { examine } from "./examine.ts"
import { isCopilotProgram } from "./processes/program.ts"
import { findRunning } from "./processes/running.ts"
import { emptyClients, sessionsOf, sessionVariable, storedSession } from "./sessions.ts"
import { readFolders, type SessionFolder } from "./store/folders.ts"
import { isOfEmptyFolder, isOfSession, listFootprint } from "./store/footprint.ts"
import { copilotHomes, knownHomes, sessionsFolder } from "./store/homes.ts"

export default definePlugin({
  name: "copilot",
  stage: "detect",
  agent: "copilot",
  testedVersions: ["1.0.102"],
  async detect(ctx) {
    const running = await findRunning(ctx, knownHomes(ctx))
    const found = running.homes
      .flatMap((home) => readFolders(ctx, home))
      .flatMap((folder) => sessionsOf(ctx, folder, running).filter((session) => holdsAnything(session, ctx)))
    const taken = new Set(found.flatMap(({ process }) => process?.pid ?? []))
    return [...found, ...emptyClients(ctx, running, taken)]
  },
  async *storedSessions(ctx) {
    for (const home of knownHomes(ctx)) {
      const folders = readFolders(ctx, home).filter(({ transcript }) => transcript !== null)
      for (let at = 0; at < folders.length; at += batchSize)
        yield folders.slice(at, at + batchSize).map(asStored)
    }
  },
  changingFolders: (ctx: Context) => copilotHomes(ctx).map((home) => `${home}/${sessionsFolder}`),
  examine,
  homes: copilotHomes,
  isClientProgram: isCopilotProgram,
  sessionVariable,
  ownsPath: isOfSession,
  transcriptRules,
  readRecord: readParts,
  tokenUsage: { mark: usageMark, read: readAnswerUsage },
})

const batchSize = 1000

/** A client that was started and not spoken to leaves a folder with nothing of a conversation in it. */
function holdsAnything({ id, home, transcript, process }: FoundSession, ctx: Context): boolean {
  if (transcript !== null || process !== null || id === null) return true
  return listFootprint(ctx, { home, id, transcript }).some(({ relative }) => !isOfEmptyFolder(relative, id))
}

function asStored(folder: SessionFolder): FoundSession {
  return storedSession(folder, [], false, null)
}
