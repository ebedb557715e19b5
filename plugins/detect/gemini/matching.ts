/** Which process has which session: nothing of it is written anywhere, so it is concluded, and said how. */
import {
  type Context,
  type Evidence,
  formatDuration,
  greatest,
  least,
  parseUuid,
  readTail,
  type SessionId,
  timeIn,
} from "session-rescue"
import { type Chat, type ChatFile, isDocument } from "./chats.ts"
import { isMessage, readTalk } from "./records/talk.ts"
import type { Client } from "./running.ts"

export interface Match {
  readonly client: Client
  /** Its session; null when several may be, or none is on the disk. */
  readonly chat: Chat | null
  /** The id that its command line names, where no file of it is there. */
  readonly id: SessionId | null
  /** The sessions that may be its own, when it is not known which. */
  readonly candidates: readonly Chat[]
  readonly evidence: readonly Evidence[]
}

/** A client makes its file so long after its start: a second to load, or minutes on a loaded machine (0.61.0, observed: 3 to 10 s). */
const startUp = { least: 500, most: 120_000 }

/** Strongest evidence first: the command line, then the folder and the time at which a file was made, then what was written since. */
export function matchClients(
  ctx: Context,
  clients: readonly Client[],
  chats: readonly Chat[],
): readonly Match[] {
  const named = new Map(clients.map((client) => [client, namedBy(client, chats)]))
  const free = clients.filter((client) => named.get(client) === null)
  const taken = new Set([...named.values()].flatMap((match) => match?.chat ?? []))
  const fits = new Map(
    free.map((client) => [
      client,
      new Set(chats.filter((chat) => !taken.has(chat) && isBegunBy(client, chat))),
    ]),
  )
  settle(fits)
  const begun = new Set([...fits.values()].flatMap((its) => (its.size === 1 ? [...its] : [])))
  return clients.map((client) => {
    const match = named.get(client) ?? byStart(ctx, client, [...(fits.get(client) ?? [])])
    const others = chats.filter(
      (chat) => chat !== match.chat && !taken.has(chat) && !begun.has(chat) && isOf(client, chat),
    )
    return byWrites(ctx, match, match.candidates.length > 0 ? [] : others)
  })
}

function namedBy(client: Client, chats: readonly Chat[]): Match | null {
  const id = parseUuid(client.arguments.resumes)
  if (id === null) return null
  const its = chats.filter((chat) => chat.id === id && chat.home === client.home)
  const chat = its.find((each) => isOf(client, each)) ?? its[0] ?? null
  return { client, chat, id, candidates: [], evidence: [identity(`its command line names it (${id})`)] }
}

function identity(message: string): Evidence {
  return { signal: "identity", message }
}

function isOf({ home, details }: Client, { home: its, project }: Chat): boolean {
  return home === its && details.cwd !== null && project.cwd === details.cwd
}

function delays({ entry }: Client, { files }: Chat): readonly number[] {
  return files.flatMap(({ startedAt }) => (startedAt === null ? [] : startedAt - entry.startedAt))
}

/** One of its files was made in the client's folder shortly after the client was started. */
function isBegunBy(client: Client, chat: Chat): boolean {
  return (
    isOf(client, chat) && delays(client, chat).some((delay) => delay > startUp.least && delay < startUp.most)
  )
}

/** What fits one client only is not another's; and a client that fits one only leaves the rest to the others. */
function settle(fits: ReadonlyMap<Client, Set<Chat>>): void {
  for (let changed = true; changed; ) {
    changed = false
    for (const [client, its] of fits) {
      const others = [...fits].filter(([other]) => other !== client)
      const own = [...its].filter((chat) => !others.some(([, theirs]) => theirs.has(chat)))
      if (its.size > 1 && own.length === 1) {
        its.clear()
        for (const chat of own) its.add(chat)
        changed = true
      }
      if (its.size !== 1) continue
      for (const [, theirs] of others)
        for (const chat of its) if (theirs.size > 1 && theirs.delete(chat)) changed = true
    }
  }
}

function byStart({ now }: Context, client: Client, fits: readonly Chat[]): Match {
  const [only, second] = fits
  const age = formatDuration(now - client.entry.startedAt)
  if (only === undefined) {
    const message = `no session was begun in ${client.details.cwd ?? "its folder"} when it started ${age} ago`
    return { client, chat: null, id: null, candidates: [], evidence: [identity(message)] }
  }
  if (second === undefined) {
    const delay = least(delays(client, only).filter((each) => each > startUp.least)) ?? 0
    const message = `its file was made in ${client.details.cwd} ${formatDuration(delay)} after this process started`
    return { client, chat: only, id: only.id, candidates: [], evidence: [identity(message)] }
  }
  const message = `ambiguous, one of these ${fits.length}: ${namesOf(fits)}; each was begun in ${client.details.cwd} shortly after it started`
  return { client, chat: null, id: null, candidates: fits, evidence: [identity(message)] }
}

function namesOf(chats: readonly Chat[]): string {
  return chats.map(({ id }) => id).join(" or ")
}

/**
 * What else its folder's sessions tell: the client may have gone on in another one (`/resume`, `/clear`), or resumed the
 * latest. Only what a session's own client writes counts: another one may write a title to it at any time.
 */
function byWrites(ctx: Context, match: Match, others: readonly Chat[]): Match {
  const { client, chat } = match
  const since = Math.max(client.entry.startedAt, (chat === null ? null : writtenAt(ctx, chat)) ?? 0)
  const later = others.filter((other) => other.files.some(({ stat }) => stat.modifiedAt >= since))
  const written = later.filter((other) => (writtenAt(ctx, other) ?? 0) > since)
  const [only] = written
  if (only === undefined) return match
  const all = chat === null ? written : [chat, ...written]
  if (all.length === 1) {
    const message = `the only session of ${client.details.cwd} in which something was said since it started`
    return { ...match, chat: only, id: only.id, evidence: [identity(message)] }
  }
  const more =
    chat === null
      ? "something was said in each since it started"
      : "something was said in the last of them since"
  const message = `ambiguous, one of these ${all.length}: ${namesOf(all)}; ${more}`
  return {
    client,
    chat: null,
    id: null,
    candidates: all,
    evidence: [identity(message), ...(chat === null ? [] : match.evidence)],
  }
}

/** When its own client last wrote to it; null when that is not known. */
function writtenAt(ctx: Context, { files }: Chat): number | null {
  return greatest(files.flatMap((file) => ownWriteIn(ctx, file) ?? []))
}

function ownWriteIn(ctx: Context, { path, stat }: ChatFile): number | null {
  if (isDocument(path) || stat.kind !== "file") return null // its time is all that is known, and anybody may set it
  const { records } = readTail(ctx, path, stat.size, (slice) => slice.records.some(isMessage))
  const { messages, lastUpdated } = readTalk(records)
  const times = messages.flatMap(({ timestamp }) => timeIn(timestamp) ?? [])
  return greatest([...times, ...(lastUpdated === null ? [] : [lastUpdated])])
}
