/** Sessions: clients matched to transcripts, and examined. */
import {
  type ClientStatus,
  type Context,
  type Evidence,
  type Flag,
  type FoundSession,
  liveProcessOf,
  type SessionName,
} from "session-rescue"
import { type WindowSettings, windowSettingsOf } from "../context/window-settings.ts"
import { slugOf } from "../home/slug.ts"
import type { StoredSession } from "../home/transcripts.ts"
import { modeOf } from "../processes/mode.ts"
import type { RegistryEntry } from "../processes/registry.ts"
import type { Running } from "../processes/running.ts"
import type { ServiceState } from "../processes/service-roster.ts"
import { backgroundOf, backgroundOfStored } from "./background.ts"
import type { Match } from "./identity.ts"

/** Data of `detect` that `examine` needs again. */
export interface DetectData {
  /** Folder under projects/, when known. */
  readonly project: StoredSession["project"] | null
  /** The folder of the process or the registry, for sessions without records. */
  readonly cwd: string | null
  readonly version: string | null
  /** Whether the session has a folder beside the transcript. */
  readonly hasFolder: boolean
  /** Whether there are flat subagents of 2.0 beside the transcript, of any session. */
  readonly hasFlat: boolean
  /** Settings of its running client that change the context window; null without one. */
  readonly windowSettings: WindowSettings | null
}

interface LiveFacts {
  readonly running: Running
  readonly current: Evidence | null
  /** Retention of each home in milliseconds. */
  readonly keeps: ReadonlyMap<string, number>
  readonly duplicate: boolean
}

export function liveSession(ctx: Context, match: Match, facts: LiveFacts): FoundSession {
  const { client, registry, stored } = match
  const ambiguous = stored === null && match.candidates.length > 0
  const cwd = registry?.cwd ?? client.details.cwd
  const flags: Flag[] = []
  if (ambiguous) flags.push("ambiguous")
  if (facts.duplicate) flags.push("duplicate-writer")
  const background = backgroundOf(ctx, match, facts.running)
  return {
    agent: "claude-code",
    id: match.id,
    home: client.home,
    ...placeOf(ctx, stored, facts.keeps),
    // no user is at the terminal that the background service gives a session
    process: liveProcessOf(client.entry, facts.running.list, background === null ? client.entry : null),
    candidates: ambiguous
      ? match.candidates.map((stored) => storedSession(ctx, stored, null, facts.keeps))
      : [],
    current: facts.current,
    reported: registry === null ? null : toClientStatus(registry),
    mode: background === null ? modeOf(client, registry) : "background",
    background,
    names: namesOf(registry, cwd),
    identity: match.evidence,
    flags,
    detectData: {
      project: stored?.project ?? (cwd === null ? null : `${client.home}/projects/${slugOf(cwd)}`),
      cwd,
      version: registry?.version ?? null,
      hasFolder: stored?.hasFolder ?? false,
      hasFlat: stored?.hasFlat ?? true,
      windowSettings: windowSettingsOf(ctx, client.home, cwd, client.details.environment),
    } satisfies DetectData,
  }
}

function namesOf(entry: RegistryEntry | null, cwd: string | null): SessionName[] {
  const names: SessionName[] = []
  if (entry?.name != null) names.push({ kind: "name", value: entry.name })
  if (entry?.tmux != null) names.push({ kind: "pane", value: entry.tmux })
  if (cwd !== null) names.push({ kind: "folder", value: cwd })
  return names
}

/** Shared: with tens of thousands of sessions, allocating empty lists for each took the most time. */
const emptyList: readonly never[] = Object.freeze([])

export function storedSession(
  ctx: Context,
  stored: StoredSession,
  stale: RegistryEntry | null,
  keeps: ReadonlyMap<string, number>,
  book?: ServiceState,
): FoundSession {
  const { transcript, transcriptSize, transcriptStat, modifiedAt, purgeAt } = placeOf(ctx, stored, keeps)
  const session = {
    agent: "claude-code",
    id: stored.id,
    home: stored.home,
    // field by field: there may be tens of thousands, and spreading takes three times as long
    transcript,
    transcriptSize,
    transcriptStat,
    modifiedAt,
    purgeAt,
    process: null,
    candidates: emptyList,
    current: null,
    reported: stale === null ? null : toClientStatus(stale),
    background: book === undefined ? null : backgroundOfStored(ctx, stored.home, stored.id, book),
    identity:
      stale === null
        ? emptyList
        : [{ signal: "registry", message: `${stale.file} is left over: ${stale.why}` }],
    flags: emptyList,
    detectData: dataOf(stored, stale?.version ?? null) as unknown as FoundSession["detectData"],
  }
  return stale === null ? session : { ...session, names: namesOf(stale, stale.cwd) }
}

/** Most sessions of a folder have the same: of tens of thousands it would be a good part of the memory. */
let last: DetectData | null = null

function dataOf({ project, hasFolder, hasFlat }: StoredSession, version: string | null): DetectData {
  const isSame = last !== null && last.project === project && last.version === version
  if (isSame && last?.hasFolder === hasFolder && last.hasFlat === hasFlat) return last
  last = { project, cwd: null, version, hasFolder, hasFlat, windowSettings: null }
  return last
}

function placeOf(ctx: Context, stored: StoredSession | null, keeps: ReadonlyMap<string, number>) {
  const modifiedAt = stored?.modifiedAt ?? null
  const kept = keeps.get(stored?.home ?? "")
  return {
    transcript: stored?.transcript ?? null,
    transcriptSize: stored?.size ?? 0,
    transcriptStat: stored?.stat ?? null,
    modifiedAt: modifiedAt === null ? null : Math.min(modifiedAt, ctx.now),
    purgeAt:
      modifiedAt === null || kept === undefined || stored?.transcript == null ? null : modifiedAt + kept,
  }
}

function toClientStatus(entry: RegistryEntry): ClientStatus {
  return {
    status: entry.status,
    waitingFor: entry.waitingFor,
    since: entry.statusSince,
    stale: !entry.live,
    headless: entry.headless,
    foreign: entry.foreign,
    ...(entry.unknown.length === 0 ? {} : { unknown: entry.unknown }),
  }
}

export function detectDataOf(found: FoundSession): DetectData {
  return found.detectData as unknown as DetectData
}
