/** Detects Claude Code sessions: running clients, stored transcripts and everything that belongs to them. */
import {
  type Context,
  definePlugin,
  existingHomes,
  isClientProgram as isClaudeProgram,
  type SessionId,
} from "session-rescue"
import { inProject, isOfSession } from "./footprint/footprint.ts"
import { referencedFiles } from "./footprint/referenced-files.ts"
import { isRemainder } from "./footprint/remainder.ts"
import { findUnknownFiles } from "./footprint/unknown-files.ts"
import { otherHomes } from "./home/other-homes.ts"
import { retention } from "./home/retention.ts"
import { sessionLists } from "./home/session-lists.ts"
import { slugOf } from "./home/slug.ts"
import { testedVersions } from "./home/tested-versions.ts"
import { eachTranscript } from "./home/transcripts.ts"
import { readParts } from "./parts/parts.ts"
import { type Client, sessionVariable } from "./processes/clients.ts"
import type { RegistryEntry } from "./processes/registry.ts"
import { findRunning, type Running } from "./processes/running.ts"
import { readAnswerUsage, usageMark } from "./records/token-usage.ts"
import { transcriptRules } from "./repair/rules.ts"
import { withCopies } from "./sessions/copies.ts"
import { findCurrent } from "./sessions/current.ts"
import { examine } from "./sessions/examine.ts"
import { type Match, matchAll } from "./sessions/identity.ts"
import { reportHelpers } from "./sessions/service-processes.ts"
import { liveSession, storedSession } from "./sessions/to-session.ts"
import { transcriptFiles } from "./sessions/transcript-files.ts"

export default definePlugin({
  name: "claude-code",
  stage: "detect",
  agent: "claude-code",
  testedVersions,
  async detect(ctx) {
    const running = await findRunning(ctx, knownHomes(ctx))
    const { registries, services, processes } = running
    const homes = homesOf(running)
    const stored = homes
      .flatMap((home) => [...eachTranscript(ctx, home)].flat())
      .filter((session) => !isRemainder(ctx, session))
    const registryOf = (client: Client) => registries.get(client.home) ?? []
    const matches = matchAll(ctx, running.clients, registryOf, stored).filter((match) =>
      isSession(ctx, match),
    )
    reportHelpers(ctx, running, matches)
    const currentBy = findCurrent(ctx, matches, processes)
    const keeps = new Map(homes.map((home) => [home, retention(ctx, home)]))
    const writers = Map.groupBy(matches, (match) =>
      match.id === null ? "" : `${match.client.home}\0${match.id}`,
    )
    const live = matches.map((match) => {
      const duplicate =
        match.id !== null && (writers.get(`${match.client.home}\0${match.id}`)?.length ?? 0) > 1
      return liveSession(ctx, match, { running, current: currentBy(match), keeps, duplicate })
    })
    const claimed = new Set(matches.flatMap((match) => match.candidates))
    const stale = staleEntries(registries)
    const rest = stored.filter((session) => !claimed.has(session))
    return withCopies([
      ...live,
      ...rest.map((session) =>
        storedSession(ctx, session, stale(session.home, session.id), keeps, services.get(session.home)),
      ),
    ])
  },
  async *storedSessions(ctx) {
    for (const home of homesOf(await findRunning(ctx, knownHomes(ctx)))) {
      for (const batch of eachTranscript(ctx, home)) {
        const whole = batch.filter((session) => !isRemainder(ctx, session))
        yield whole.map((session) => storedSession(ctx, session, null, new Map()))
      }
    }
  },
  changingFolders,
  examine,
  homes: namedHomes,
  ownsPath: isOfSession,
  referencedFiles: referencedFiles,
  unknownFiles: findUnknownFiles,
  otherHomes,
  refiledPath: (relative, id, folder) => inProject(relative, id, slugOf(folder)),
  readRecord: readParts,
  isClientProgram: isClaudeProgram,
  sessionVariable,
  transcriptRules,
  tokenUsage: { mark: usageMark, read: readAnswerUsage },
  transcriptFiles: transcriptFiles,
  sharedFiles: (ctx) => knownHomes(ctx).flatMap((home) => sessionLists(ctx, home)),
})

/**
 * A start, each turn and an exit change the registry (2.1.332). Where there is none (older clients, or a home that is yet to
 * be made), a new transcript changes its project's folder.
 */
function changingFolders(ctx: Context): readonly string[] {
  return [...new Set([...namedHomes(ctx), ...knownHomes(ctx)])].flatMap((home) =>
    ctx.files.stat(`${home}/sessions`) === null
      ? [`${home}/sessions`, `${home}/projects`]
      : [`${home}/sessions`],
  )
}

/** All homes that are searched: the configured ones, and those that clients work in. */
function homesOf({ registries, clients }: Running): string[] {
  return [...new Set([...registries.keys(), ...clients.map(({ home }) => home)])]
}

/** A worker of the background service has a registry file, but may hold no conversation. */
function isSession(ctx: Context, { client, registry, candidates }: Match): boolean {
  if (registry?.kind !== "daemon-worker" || candidates.length > 0) return true
  ctx.reject(client.entry.pid, "a worker of the background service, without a conversation")
  return false
}

/** Our own homes and those of the config, whether they exist or not. */
function namedHomes(ctx: Context): string[] {
  const own = ctx.self.environment.CLAUDE_CONFIG_DIR
  const absolute = !own || own.startsWith("/") ? own : ctx.files.real(own)
  const named = [...(absolute ? [absolute] : []), `${ctx.paths.home}/.claude`, ...ctx.homes]
  return named.map((path) => path.replace(/\/+$/, ""))
}

/** The existing homes; links to the same folder count once. */
function knownHomes(ctx: Context): string[] {
  return existingHomes(ctx, namedHomes(ctx))
}

/** The registry entries of clients that died, by session. */
function staleEntries(registries: ReadonlyMap<string, readonly RegistryEntry[]>) {
  const stale = new Map<string, RegistryEntry>()
  for (const [home, entries] of registries) {
    for (const entry of entries) if (!entry.live) stale.set(`${home}\0${entry.id}`, entry)
  }
  if (stale.size === 0) return () => null
  return (home: string, id: SessionId) => stale.get(`${home}\0${id}`) ?? null
}
