import type { HitLocation } from "../../domain/conversation/hit-location.ts"
import { RescueError } from "../../domain/errors.ts"
import { parseIdPrefix, parseSessionId, type SessionId } from "../../domain/session/session-id.ts"
import { readConversation, type ShownItem } from "../../pipeline/indexing/conversation.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type ForeignSource, foreignSources, readForeign } from "./foreign-records.ts"
import { type IndexedPart, openIndex } from "./search.ts"
import {
  ambiguousId,
  candidates,
  type KnownSessions,
  longest,
  noSessionMatches,
  sessionIds,
  sourcesOf,
  withPrefix,
} from "./session-sources.ts"

export type { ShownItem } from "../../pipeline/indexing/conversation.ts"

/** A session that can be read, and its origin. */
export interface Readable {
  readonly id: SessionId
  readonly agent: string
  /** Reads what the session is called. */
  readonly title: () => Promise<string | null>
  /** `live`, `index`, or the name of the export. */
  readonly from: string
  /** null: only in the index. */
  readonly path: string | null
  /** The other files that `items` goes through, in that order. */
  readonly documents: readonly string[]
  /** Location of the requested hit in that file. */
  readonly hit: HitLocation | null
  readonly items: AsyncGenerator<ShownItem>
}

interface ReadOptions {
  /** The answers' tokens are among the items. */
  readonly usage?: boolean
  /** The sessions that there are, where that is known already. */
  readonly among?: KnownSessions
}

/** Opens the most complete source of a session: the client's own file, or an export that contains more. */
export async function openReadable(
  name: string,
  paths: Paths,
  ctx: RunContext,
  options: ReadOptions = {},
): Promise<Readable> {
  const prefix = parseIdPrefix(name)
  if (prefix === null) throw noSessionMatches(name)
  const { live, saved } =
    options.among === undefined
      ? await candidates(prefix, paths, ctx)
      : withPrefix(prefix, options.among.live, options.among.saved)
  const ids = sessionIds({ live, saved })
  if (ids.length > 1) throw await ambiguousId(name, ids, { live, saved }, ctx)
  const [own] = ids
  const id = own ?? (await onlyIndexed(name, prefix, paths, ctx))
  if (id == null) throw noSessionMatches(name)
  const foreign = foreignSources(id, paths, ctx)
  if (own != null) return openSession(id, longest(live, saved), foreign, ctx, options)
  const [first] = foreign
  if (first === undefined) return openIndexed(id, paths)
  const from = first.source.export ?? "live"
  const { agent } = first.source
  const items = readForeign(id, foreign, ctx.signal)
  return {
    id,
    agent,
    title: async () => null,
    from,
    path: first.source.path,
    documents: [],
    hit: null,
    items,
  }
}

function openSession(
  id: SessionId,
  chosen: ReturnType<typeof longest>,
  foreign: readonly ForeignSource[],
  ctx: RunContext,
  options: ReadOptions,
): Readable {
  const { sources, ...about } = sourcesOf(id, chosen, ctx)
  const read = builtInDetectPlugins().find((plugin) => plugin.agent === about.agent)?.readRecord
  if (read === undefined)
    throw new RescueError("SOURCE_GONE", `no readable conversation in ${id}`, "session-rescue list")
  return {
    ...about,
    documents: sources.flatMap(({ document, form }) =>
      document === "" || form === "whole" ? [] : [document],
    ),
    hit: null,
    items: concatenate(
      readConversation(sources, read, ctx.signal, options),
      foreign.length === 0 ? [] : [readForeign(id, foreign, ctx.signal)],
    ),
  }
}

/** Each layer of items takes its time for each of them: there is none where nothing follows. */
function concatenate(
  first: AsyncGenerator<ShownItem>,
  others: readonly AsyncGenerator<ShownItem>[],
): AsyncGenerator<ShownItem> {
  return others.length === 0 ? first : oneAfterAnother([first, ...others])
}

async function* oneAfterAnother(all: readonly AsyncGenerator<ShownItem>[]): AsyncGenerator<ShownItem> {
  for (const each of all) yield* each
}

/** The id of a purged session of which only the index has records; null when there is none. */
export async function onlyIndexed(
  name: string,
  prefix: string,
  paths: Paths,
  ctx: RunContext,
): Promise<SessionId | null> {
  let ids: readonly string[] = []
  try {
    const index = openIndex(paths)
    try {
      ids = index.sessionsLike(prefix)
    } finally {
      index.close()
    }
  } catch {
    return null // the index is unusable, which is not an error here
  }
  if (ids.length > 1) throw await ambiguousId(name, ids, { live: [], saved: [] }, ctx)
  return parseSessionId(ids[0])
}

function openIndexed(id: SessionId, paths: Paths): Readable {
  const agent = agentOf(id, paths)
  return {
    id,
    agent,
    title: async () => null,
    from: "index",
    path: null,
    documents: [],
    hit: null,
    items: indexedItems(id, paths),
  }
}

/** Only the index tells whose it was. */
function agentOf(id: SessionId, paths: Paths): string {
  const index = openIndex(paths)
  try {
    for (const { agent } of index.conversation(id)) return agent
    return "claude-code"
  } finally {
    index.close()
  }
}

async function* indexedItems(id: SessionId, paths: Paths): AsyncGenerator<ShownItem> {
  const index = openIndex(paths)
  try {
    for (const part of index.conversation(id)) yield itemOf(part)
  } finally {
    index.close()
  }
}

/** Converts a part of the index to an item as read from a file. */
export function itemOf({ time, model, subagent, session, source, ...part }: IndexedPart): ShownItem {
  const { kind, role, text, tool, isError, command } = part
  const { document, offset, length } = source
  const call = kind === "tool_use" ? part.part : part.answers
  const about = {
    ...(tool === null ? {} : { tool }),
    ...(command === null ? {} : { command }),
    ...(call === null ? {} : { call: `${call}` }),
  }
  const said = { kind, role, text, isError, ...about }
  return { type: "part", part: said, time, model, subagent, session, document, offset, length }
}
