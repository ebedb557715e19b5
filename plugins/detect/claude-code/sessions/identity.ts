import {
  type Context,
  type Evidence,
  formatDuration,
  greatest,
  readHead,
  readTail,
  type SessionId,
  showPath,
  type TranscriptSlice,
} from "session-rescue"
import { slugOf } from "../home/slug.ts"
import type { StoredSession } from "../home/transcripts.ts"
import type { Client } from "../processes/clients.ts"
import type { RegistryEntry } from "../processes/registry.ts"
import { beingResumed, namedByClient } from "./named-session.ts"

/** The match of a process: its session, the evidence, and what was rejected. */
export interface Match {
  readonly client: Client
  readonly registry: RegistryEntry | null
  readonly id: SessionId | null
  readonly stored: StoredSession | null
  /** Several when the session is uncertain. */
  readonly candidates: readonly StoredSession[]
  readonly evidence: readonly Evidence[]
}

/**
 * Matches processes to transcripts, strongest evidence first: registry, argv, working directory. If two
 * transcripts fit, or two processes fit one transcript, it reports the ambiguity instead of guessing.
 */
export function matchAll(
  ctx: Context,
  clients: readonly Client[],
  registryOf: (client: Client) => readonly RegistryEntry[],
  stored: readonly StoredSession[],
): readonly Match[] {
  const certain = clients.map((client) => byName(ctx, client, registryOf(client), stored))
  const claimed = new Set(certain.flatMap((match) => (match === null ? [] : match.candidates)))
  const free = stored.filter((session) => session.transcript !== null && !claimed.has(session))
  const byFolder = clients.map((client, index) =>
    certain[index] ? [] : matchingTranscripts(ctx, client, free),
  )
  const held = new Set(byFolder.flatMap((fits) => (fits.length === 1 ? fits : [])))
  const left = free.filter((session) => !held.has(session))
  return clients.map((client, index) => {
    const match = certain[index]
    if (match) return match.registry === null ? checkMovedOn(ctx, match, left) : match
    const fits = byFolder[index] ?? []
    const rivals = byFolder.filter((others) => others.some((other) => fits.includes(other))).length - 1
    const rejected = rejectedEntries(client, registryOf(client))
    const moved = fits.length > 0 ? [] : inVanishedFolders(ctx, client, left)
    if (moved.length > 0) return movedMatch(client, moved, rejected)
    return folderMatch(ctx.now, client, fits, rivals, rejected)
  })
}

/** Steps 1 and 2: a match by id. */
function byName(
  ctx: Context,
  client: Client,
  registry: readonly RegistryEntry[],
  stored: readonly StoredSession[],
): Match | null {
  const entry = registry.find((candidate) => candidate.pid === client.entry.pid && candidate.live) ?? null
  const found =
    entry === null
      ? namedByClient(ctx, client, stored)
      : (beingResumed(ctx, client, entry, stored) ?? {
          id: entry.id,
          message: `${entry.file}, start time matches`,
        })
  if (found === null) return null
  const { message } = found
  const named = actualSpelling(found.id, client.home, stored)
  const here = stored.filter((session) => session.id === named && session.home === client.home)
  const folder = slugOf(entry?.cwd ?? client.details.cwd ?? "")
  const placed = here.filter((session) => showPath(session.project).endsWith(`/${folder}`))
  const fits = here.length > 1 && placed.length === 1 ? placed : here
  const evidence = [
    { signal: "identity", message },
    ...rejectedEntries(client, registry),
    ...here
      .filter((other) => !fits.includes(other))
      .map((other) => ({
        signal: "rejected",
        message: `${showPath(other.transcript ?? other.project)}: same id, other folder`,
      })),
  ]
  return {
    client,
    registry: entry,
    id: named,
    stored: fits.length === 1 ? (fits[0] ?? null) : null,
    candidates: fits,
    evidence,
  }
}

/** Arguments do not change when the client continues in another conversation (/clear, /resume). */
function checkMovedOn(ctx: Context, match: Match, free: readonly StoredSession[]): Match {
  const lastWrite = greatest(match.candidates.map((session) => session.modifiedAt ?? 0)) ?? 0
  const later = free.filter((session) => (session.modifiedAt ?? 0) > lastWrite)
  const others = matchingTranscripts(ctx, match.client, later)
  if (others.length === 0) return match
  const names = others.map((session) => session.id).join(" or ")
  const message = `ambiguous: it began with ${match.id}, but ${names} was written later in its folder`
  return {
    ...match,
    id: null,
    stored: null,
    candidates: [...match.candidates, ...others],
    evidence: [{ signal: "identity", message }, ...match.evidence.slice(1)],
  }
}

/** Entries with this pid that were rejected. */
function rejectedEntries(client: Client, registry: readonly RegistryEntry[]): Evidence[] {
  return registry
    .filter((entry) => entry.pid === client.entry.pid && !entry.live)
    .map((entry) => ({
      signal: "rejected",
      message: `${entry.file} names ${entry.id}, but ${entry.why}`,
    }))
}

/**
 * The spelling of the id in its files, unless one has the spelling as typed: an id may be typed in either
 * case.
 */
function actualSpelling(id: SessionId, home: string, stored: readonly StoredSession[]): SessionId {
  if (stored.some((session) => session.id === id && session.home === home)) return id
  const lower = id.toLowerCase()
  return stored.find((session) => session.home === home && session.id.toLowerCase() === lower)?.id ?? id
}

/**
 * Step 3: transcripts of the process's folder that were written since it started. A transcript whose records
 * name no folder yet (2.0 creates an empty file at start: observed) counts by its project folder, if no other
 * fits.
 */
function matchingTranscripts(
  ctx: Context,
  client: Client,
  free: readonly StoredSession[],
): readonly StoredSession[] {
  const { cwd } = client.details
  if (cwd === null) return []
  const recent = writtenSince(client, free)
  const folders = new Map(recent.map((session) => [session, foldersNamed(ctx, session)]))
  const carrying = recent.filter((session) => folders.get(session)?.has(cwd))
  if (carrying.length > 0) return carrying
  return recent.filter(
    (session) => folders.get(session)?.size === 0 && showPath(session.project).endsWith(`/${slugOf(cwd)}`),
  )
}

function writtenSince({ home, entry }: Client, free: readonly StoredSession[]): readonly StoredSession[] {
  return free.filter((session) => session.home === home && (session.modifiedAt ?? 0) >= entry.startedAt)
}

/**
 * For a folder that was renamed while its client runs: the client reports the new path, its records the old
 * one.
 */
function inVanishedFolders(
  ctx: Context,
  client: Client,
  free: readonly StoredSession[],
): readonly StoredSession[] {
  return writtenSince(client, free).filter((session) => {
    const named = [...foldersNamed(ctx, session)].filter((folder) => typeof folder === "string")
    return named.length > 0 && named.every((folder) => ctx.files.stat(folder) === null)
  })
}

function movedMatch(client: Client, moved: readonly StoredSession[], rejected: readonly Evidence[]): Match {
  const names = moved.map((session) => session.id).join(" or ")
  const message =
    `ambiguous: no transcript of ${client.details.cwd ?? "its folder"} was written since it started, ` +
    `but ${names} was, in a folder that no longer exists`
  const evidence = [{ signal: "identity", message }, ...rejected]
  return { client, registry: null, id: null, stored: null, candidates: moved, evidence }
}

/** The folders named at either end of a transcript. */
function foldersNamed(ctx: Context, { transcript, size }: StoredSession): ReadonlySet<unknown> {
  if (transcript === null) return new Set()
  const names = (found: TranscriptSlice) => found.records.some((record) => typeof record.cwd === "string")
  const ends = [readHead(ctx, transcript, size, names), readTail(ctx, transcript, size, names)]
  return new Set(ends.flatMap(({ records }) => records.flatMap((record) => record.cwd ?? [])))
}

function folderMatch(
  now: number,
  client: Client,
  fits: readonly StoredSession[],
  rivals: number,
  rejected: readonly Evidence[],
): Match {
  const age = formatDuration(now - client.entry.startedAt)
  const only = fits.length === 1 && rivals === 0 ? (fits[0] ?? null) : null
  const names = fits.map((session) => session.id).join(" or ")
  const message =
    only !== null
      ? `the only transcript of ${client.details.cwd} written since it started ${age} ago`
      : fits.length === 0
        ? `no transcript of ${client.details.cwd ?? "its folder"} was written since it started ${age} ago`
        : rivals > 0
          ? `ambiguous: ${rivals + 1} clients of ${client.details.cwd} match ${names}`
          : `ambiguous: ${names} were all written in ${client.details.cwd} since it started ${age} ago`
  const evidence = [{ signal: "identity", message }, ...rejected]
  return { client, registry: null, id: only?.id ?? null, stored: only, candidates: fits, evidence }
}
