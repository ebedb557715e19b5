/** Detects sessions of the Codex CLI: rollouts, and the processes that run them. Observed with 0.171.0. */
import { type Context, definePlugin, type FoundSession } from "session-rescue"
import { examine } from "./examine.ts"
import { isOfThread } from "./footprint.ts"
import { codexHomes, knownHomes } from "./homes.ts"
import { missingThreads } from "./missing.ts"
import { isCodexProgram } from "./program.ts"
import { promptLog, readParts } from "./records/parts.ts"
import { type Rollout, readThreads, type Thread } from "./records/rollouts.ts"
import { transcriptRules } from "./records/rules.ts"
import { readAnswerUsage, usageMark } from "./records/usage.ts"
import { findRunning, type Holder } from "./running.ts"
import { heldSessions, storedSession, stranded } from "./sessions.ts"

export default definePlugin({
  name: "codex",
  stage: "detect",
  agent: "codex",
  testedVersions: ["0.171.0"],
  async detect(ctx) {
    const running = await findRunning(ctx, knownHomes(ctx))
    warnOfSandbox(ctx, running.holders)
    const threads = running.homes.flatMap((home) => readThreads(ctx, home))
    const held = await heldSessions(ctx, running, threads)
    const taken = new Set<Thread>(held.flatMap(({ thread }) => thread ?? []))
    const rest = threads.filter((thread) => !taken.has(thread))
    const windows = stranded(running, rest)
    return [
      ...held.map(({ session }) => session),
      ...rest.map((thread) => storedSession(ctx, thread, windows.get(thread.id))),
    ]
  },
  async *storedSessions(ctx) {
    for (const home of knownHomes(ctx)) {
      const threads = readThreads(ctx, home)
      for (let at = 0; at < threads.length; at += batchSize)
        yield threads.slice(at, at + batchSize).map((thread): FoundSession => storedSession(ctx, thread))
    }
  },
  changingFolders: (ctx) => codexHomes(ctx).map((home) => `${home}/thread-writer-locks`), // a new thread
  examine,
  homes: codexHomes,
  isClientProgram: isCodexProgram,
  sessionVariable: "CODEX_THREAD_ID",
  ownsPath: isOfThread,
  readRecord: readParts,
  transcriptRules,
  tokenUsage: { mark: usageMark, read: readAnswerUsage },
  sharedFiles: (ctx) =>
    knownHomes(ctx).map((home) => ({ path: `${home}/${promptLog}`, relative: promptLog })),
  missingSessions: (ctx) => knownHomes(ctx).flatMap((home) => missingThreads(ctx, home)),
  transcriptFiles: (found) => subagentsOf(found).map(({ path, relative }) => ({ path, relative })),
})

const batchSize = 1000

function subagentsOf(found: FoundSession): readonly Rollout[] {
  return (found.detectData as { subagents?: readonly Rollout[] }).subagents ?? []
}

/** Tools run in a process namespace of their own (0.171.0): nothing outside is visible, this session's client included. */
function warnOfSandbox(ctx: Context, holders: readonly Holder[]): void {
  if (ctx.self.environment.CODEX_THREAD_ID === undefined || holders.length > 0) return
  ctx.warn(
    "this runs in Codex's sandbox, where its other processes cannot be seen: sessions that run look as if they had ended",
  )
}
