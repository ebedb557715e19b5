import { type Context, parseUuid, readHead, readTail, type SessionId } from "session-rescue"
import type { StoredSession } from "../home/transcripts.ts"
import type { Client } from "../processes/clients.ts"
import type { RegistryEntry } from "../processes/registry.ts"
import { readTitle } from "../records/title.ts"

/** A name has to be looked up in transcripts: in at most this many, the newest of the home. */
const maxTitlesRead = 200

/**
 * The session named in a client's arguments: by id, by its transcript's path (as the background service
 * restarts it), or by its name. null when they name none, or when it continues under a new id.
 */
function namedByArguments(ctx: Context, client: Client, stored: readonly StoredSession[]): SessionId | null {
  const { options } = client.arguments
  if (options.has("--fork-session")) return parseUuid(options.get("--session-id"))
  const given = options.get("--session-id") ?? options.get("--resume")
  if (given === null || given === undefined) return null
  return idIn(given) ?? byTitle(ctx, given, client.home, stored)
}

/** An id in any spelling, or the path of ID.jsonl. */
function idIn(value: string): SessionId | null {
  const name = value.slice(value.lastIndexOf("/") + 1).replace(/\.jsonl$/, "")
  return parseUuid(name)
}

/** null unless exactly one session of the home has that name. */
function byTitle(
  ctx: Context,
  name: string,
  home: string,
  stored: readonly StoredSession[],
): SessionId | null {
  const newest = stored
    .filter((session) => session.home === home && session.transcript !== null)
    .toSorted((a, b) => (b.modifiedAt ?? 0) - (a.modifiedAt ?? 0))
    .slice(0, maxTitlesRead)
  const called = newest.filter(({ transcript, size }) => {
    if (transcript === null) return false
    const [head, tail] = [readHead, readTail].map((read) => read(ctx, transcript, size, () => true).records)
    return readTitle(head ?? [], tail ?? []) === name
  })
  const ids = new Set(called.map(({ id }) => id))
  return ids.size === 1 ? (called[0]?.id ?? null) : null
}

/** While starting, a client starts its MCP servers, whose id may differ from the one in its arguments. */
const startupMs = 30_000

/**
 * A client that resumes a session registers under a new id first, and under that of the session once it has read it
 * (2.1.332, restarted by its background service: observed). Until then its arguments tell.
 */
export function beingResumed(
  ctx: Context,
  client: Client,
  entry: RegistryEntry,
  stored: readonly StoredSession[],
): { id: SessionId; message: string } | null {
  const here = stored.filter(({ home }) => home === client.home)
  if (ctx.now - client.entry.startedAt > startupMs || here.some(({ id }) => id === entry.id)) return null
  const id = namedByArguments(ctx, client, stored)
  if (id === null || !here.some((session) => session.id === id)) return null
  return {
    id,
    message: `it is starting, and its arguments name the session (${entry.file} still names ${entry.id}, which has no file)`,
  }
}

/**
 * By its arguments or by a child process; a child started later knows the session in which the client has
 * continued since.
 */
export function namedByClient(
  ctx: Context,
  client: Client,
  stored: readonly StoredSession[],
): { id: SessionId; message: string } | null {
  const byArguments = namedByArguments(ctx, client, stored)
  const { namingChild = null } = client
  const isLater = namingChild !== null && namingChild.child.startedAt - client.entry.startedAt > startupMs
  if (namingChild !== null && (byArguments === null || isLater)) {
    const { id, child } = namingChild
    return { id, message: `its child ${child.pid} (${child.name}) names the session in its environment` }
  }
  return byArguments === null ? null : { id: byArguments, message: "its arguments name the session" }
}
