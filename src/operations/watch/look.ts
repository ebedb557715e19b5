/** The watcher: what it sees, keeps, saves and tells. Its child does all that takes memory. */
import { contextPercent } from "../../domain/listing/context-percent.ts"
import type { SessionSight } from "../../domain/watch/sight.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { laterLook } from "../../pipeline/fresh-context.ts"
import { type ListedSession, listSessions } from "../../pipeline/listing/list-sessions.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"

/** What one look shows, from the child that looked to the watcher. */
export interface WatchLook {
  readonly version: string
  readonly at: number
  readonly hungAfterMs: number
  /** Every session was looked at, not only those that run, have just been written to, or were asked for. */
  readonly full: boolean
  /** Live sessions, and those that the watcher does something about. */
  readonly sessions: readonly SessionSight[]
  /** Folders in which something changes whenever a session does. */
  readonly folders: readonly string[]
  readonly warnings: readonly string[]
}

/** What a look is about: every session, or those that run, were written to since a time, or have these transcripts. */
export interface LookQuery {
  readonly full: boolean
  /** Milliseconds since 1970. */
  readonly since: number
  readonly transcripts: readonly string[]
}

/** Reading so few takes no time worth sparing. */
const maxAlwaysRead = 200

/** Looks once, with the verdicts of `status`. */
export async function lookForWatcher(
  query: LookQuery,
  { ctx, paths, version }: { readonly ctx: RunContext; readonly paths: Paths; readonly version: string },
): Promise<Omit<WatchLook, "warnings">> {
  const first = await listOnce(query, ctx)
  const { full, sessions } = await confirmCrashes(first, query.transcripts, async () => {
    await ctx.resample()
    return listOnce(query, laterLook(ctx, paths))
  })
  return {
    ...{ version, at: ctx.now, hungAfterMs: ctx.hungAfterMs, full, sessions },
    folders: builtInDetectPlugins().flatMap((plugin) => plugin.changingFolders?.(ctx) ?? []),
  }
}

type Listed = Pick<WatchLook, "full" | "sessions">

/**
 * The client rewrites its registry file in place at each turn (2.1.332, observed): one that is caught half written makes a
 * running session look like one whose client died. What ran at the last look is looked at twice.
 */
export async function confirmCrashes(
  first: Listed,
  ranBefore: readonly string[],
  lookAgain: () => Promise<Listed>,
): Promise<Listed> {
  const ran = new Set(ranBefore)
  const seemsDead = ({ need, transcript }: SessionSight) =>
    need === "crashed" && transcript !== null && ran.has(transcript)
  return first.sessions.some(seemsDead) ? lookAgain() : first
}

async function listOnce(query: LookQuery, ctx: RunContext): Promise<Listed> {
  const found = await detectAll(ctx, null)
  const asked = new Set(query.transcripts)
  const full = query.full || found.length <= maxAlwaysRead
  const chosen = full
    ? found
    : found.filter(
        ({ process, modifiedAt, transcript }) =>
          process !== null ||
          (modifiedAt ?? 0) >= query.since ||
          (typeof transcript === "string" && asked.has(transcript)),
      )
  const { listed } = await listSessions(chosen, ctx, { all: false, brief: true })
  return { full, sessions: listed.filter(isOfInterest).map(sightOf) }
}

function isOfInterest({ session, need }: ListedSession): boolean {
  return session.process !== null || need === "crashed" || need === "unsaved" || need === "hung"
}

/** A session as the watcher sees it, and as its user is told of it. */
export function sightOf({
  session,
  need,
  saved,
}: Pick<ListedSession, "session" | "need" | "saved">): SessionSight {
  const { agent, home, id, process, transcript, reported } = session
  const path = typeof transcript === "string" ? transcript : null
  const waits = process !== null && reported?.status != null && reported.status !== "busy"
  return {
    key: [agent, home, path ?? id ?? `pid ${process?.pid}`].join("\0"),
    agent,
    id,
    home,
    transcript: path,
    size: session.transcriptSize,
    project: session.cwd?.replace(/\/+$/, "").split("/").at(-1) || null,
    client:
      process === null
        ? null
        : { pid: process.pid, startMark: process.startMark, stopped: /^[Tt]/.test(process.letter) },
    state: session.state,
    detail: session.detail,
    need,
    lastActivity: session.lastActivity,
    waitingSince: waits ? (reported?.since ?? null) : null,
    tokens: session.contextTokens,
    percent: contextPercent(session),
    window: session.contextWindow ?? null,
    compactsAt: session.compactsAt ?? null,
    compactedAt: session.compactedAt ?? null,
    saved: saved.kind,
    savedAt: saved.at,
    purgeAt: session.purgeAt,
  }
}
