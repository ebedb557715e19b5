import type { HitLocation } from "../../domain/conversation/hit-location.ts"
import { ambiguousName, RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import {
  hasIdPrefix,
  parseIdPrefix,
  parseSessionId,
  type SessionId,
} from "../../domain/session/session-id.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { readConversation, type ShownItem } from "../../pipeline/indexing/conversation.ts"
import { inReadingOrder, liveSources, savedSources } from "../../pipeline/indexing/sources.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type ForeignSource, foreignSources, readForeign } from "./foreign-records.ts"
import { type IndexedPart, openIndex } from "./search.ts"

export type { ShownItem } from "../../pipeline/indexing/conversation.ts"

/** A session that can be read, and its origin. */
export interface Readable {
  readonly id: SessionId
  readonly agent: string
  /** `live`, `index`, or the name of the export. */
  readonly from: string
  /** null: only in the index. */
  readonly path: string | null
  /** Location of the requested hit in that file. */
  readonly hit: HitLocation | null
  readonly items: AsyncGenerator<ShownItem>
}

/** Opens the most complete source of a session: the client's own file, or an export that contains more. */
export async function openReadable(name: string, paths: Paths, ctx: RunContext): Promise<Readable> {
  const prefix = parseIdPrefix(name)
  if (prefix === null) throw notFound(name)
  const { live, saved } = await candidates(prefix, paths, ctx)
  const ids = [
    ...new Set([
      ...live.map(({ id }) => id),
      ...saved.map((each) => parseSessionId(each.manifest.session.id)),
    ]),
  ]
  if (ids.length > 1) throw ambiguous(name, ids.map(String))
  const [own] = ids
  const id = own ?? onlyIndexed(name, prefix, paths)
  if (id == null) throw notFound(name)
  const foreign = foreignSources(id, paths, ctx)
  if (own != null) return openSession(id, longest(live, saved), foreign, ctx)
  const [first] = foreign
  if (first === undefined) return openIndexed(id, paths)
  const from = first.source.export ?? "live"
  const { agent } = first.source
  return { id, agent, from, path: first.source.path, hit: null, items: readForeign(id, foreign, ctx.signal) }
}

function ambiguous(name: string, ids: readonly string[]): RescueError {
  const lines = ids.map((each) => `  ${each}`)
  return ambiguousName(name, ids.length, lines, "give more digits of its id")
}

export async function candidates(prefix: string, paths: Paths, ctx: RunContext) {
  const live = (await detectAll(ctx, null)).filter(({ id }) => hasIdPrefix(id, prefix))
  const saved = readEverySaved(paths)
    .all()
    .filter(({ manifest }) => hasIdPrefix(manifest.session.id, prefix))
  return { live, saved }
}

function longest(live: readonly FoundSession[], saved: readonly SavedExport[]) {
  const all = [
    ...live.map((found) => ({
      found,
      saved: null,
      size: found.rows === undefined ? found.transcriptSize : Infinity,
    })),
    ...saved.map((each) => ({ found: null, saved: each, size: transcriptLength(each) })),
  ]
  return all.toSorted((a, b) => b.size - a.size)[0]
}

function transcriptLength({ manifest }: SavedExport): number {
  return manifest.files.find(({ role }) => role === "transcript")?.length ?? 0
}

function openSession(
  id: SessionId,
  chosen: ReturnType<typeof longest>,
  foreign: readonly ForeignSource[],
  ctx: RunContext,
): Readable {
  const sources =
    chosen?.found != null
      ? liveSources(chosen.found, ctx)
      : savedSources(chosen?.saved as SavedExport, storedReader(ctx.plugins))
  const agent = chosen?.found?.agent ?? chosen?.saved?.manifest.session.agent
  const read = builtInDetectPlugins().find((plugin) => plugin.agent === agent)?.readRecord
  const [first] = sources
  if (read === undefined || first === undefined) {
    throw new RescueError("SOURCE_GONE", `no readable conversation in ${id}`, "session-rescue list")
  }
  const from = chosen?.saved?.name ?? "live"
  return {
    id,
    agent: first.agent,
    from,
    path: first.path,
    hit: null,
    items: concatenate(
      readConversation(inReadingOrder(sources), read, ctx.signal),
      readForeign(id, foreign, ctx.signal),
    ),
  }
}

async function* concatenate(
  first: AsyncIterable<ShownItem>,
  second: AsyncIterable<ShownItem>,
): AsyncGenerator<ShownItem> {
  yield* first
  yield* second
}

/** The id of a purged session of which only the index has records; null when there is none. */
function onlyIndexed(name: string, prefix: string, paths: Paths): SessionId | null {
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
  if (ids.length > 1) throw ambiguous(name, ids)
  return parseSessionId(ids[0])
}

function openIndexed(id: SessionId, paths: Paths): Readable {
  const agent = agentOf(id, paths)
  return { id, agent, from: "index", path: null, hit: null, items: indexedItems(id, paths) }
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

function notFound(name: string): RescueError {
  const message = `no running, stored or exported session matches "${name}"`
  return new RescueError(
    "SESSION_NOT_FOUND",
    message,
    "list all: session-rescue --status --all, session-rescue list",
  )
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
