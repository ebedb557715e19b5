import { type Context, parseSessionId, type SessionId } from "session-rescue"
import type { StoredSession } from "../home/transcripts.ts"
import type { Client } from "../processes/clients.ts"
import { readHead, readTail } from "../records/records.ts"
import { readTitle } from "../records/title.ts"

/** A name has to be looked up in transcripts: in at most this many, the newest of the home. */
const maxTitlesRead = 200

/**
 * The session named in a client's arguments: by id, by its transcript's path (as the background service
 * restarts it), or by its name. null when they name none, or when it continues under a new id.
 */
export function namedByArguments(
  ctx: Context,
  client: Client,
  stored: readonly StoredSession[],
): SessionId | null {
  const { options } = client.arguments
  if (options.has("--fork-session")) return parseSessionId(options.get("--session-id"))
  const given = options.get("--session-id") ?? options.get("--resume")
  if (given === null || given === undefined) return null
  return idIn(given) ?? byTitle(ctx, given, client.home, stored)
}

/** An id in any spelling, or the path of ID.jsonl. */
function idIn(value: string): SessionId | null {
  const name = value.slice(value.lastIndexOf("/") + 1).replace(/\.jsonl$/, "")
  return parseSessionId(name)
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
