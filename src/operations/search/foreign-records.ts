import { parseIdPrefix, type SessionId } from "../../domain/session/session-id.ts"
import type { ForeignFile, IndexSource } from "../../index/index.ts"
import { readConversation, type ShownItem } from "../../pipeline/indexing/conversation.ts"
import { namedSource, savedSources } from "../../pipeline/indexing/sources.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import { openIndex } from "./search.ts"

/**
 * Another session's file that contains records of this one: after switching sessions, a client kept writing to the old
 * file [public].
 */
export interface ForeignSource {
  readonly source: IndexSource
  /** The session that owns the file. */
  readonly owner: string
}

/** Readable files of other sessions that contain records of this one, according to the index. */
export function foreignSources(id: string, paths: Paths, ctx: RunContext): readonly ForeignSource[] {
  return foreignPlaces(id, paths).flatMap((place) => {
    const source = sourceAt(place, paths, ctx)
    return source === null ? [] : [{ source: { ...source, document: place.document }, owner: place.owner }]
  })
}

/** Empty when there is no index: that is not an error here. */
function foreignPlaces(id: string, paths: Paths): readonly ForeignFile[] {
  try {
    const index = openIndex(paths)
    try {
      return index.foreignFiles(id)
    } finally {
      index.close()
    }
  } catch {
    return []
  }
}

/** The session whose file contains the records of a session without a file of its own; null when unknown. */
export function fileOwnerOf(
  name: string,
  paths: Paths,
): { readonly id: string; readonly holder: string } | null {
  const prefix = parseIdPrefix(name)
  if (prefix === null) return null
  try {
    const index = openIndex(paths)
    try {
      const [id, more] = index.sessionsLike(prefix)
      const [place] = id === undefined || more !== undefined ? [] : index.foreignFiles(id)
      return id === undefined || place === undefined ? null : { id, holder: place.owner }
    } finally {
      index.close()
    }
  } catch {
    return null
  }
}

function sourceAt({ path, place, document, export: name }: ForeignFile, paths: Paths, ctx: RunContext) {
  if (place === "live") return namedSource(path, ctx)
  const saved = readEverySaved(paths)
    .all()
    .find((each) => each.name === name)
  if (saved === undefined) return null
  const sources = savedSources(saved, storedReader(ctx.plugins))
  return sources.find((each) => each.document === document) ?? null
}

/** The records in those files that name the session. */
export async function* readForeign(
  id: SessionId,
  foreign: readonly ForeignSource[],
  signal: AbortSignal,
): AsyncGenerator<ShownItem> {
  for (const { source, owner } of foreign) {
    const read = builtInDetectPlugins().find(({ agent }) => agent === source.agent)?.readRecord
    if (read === undefined) continue
    yield { type: "document", document: source.document, form: "records", owner }
    for await (const item of readConversation([source], read, signal))
      if (item.type === "part" && item.session === id) yield item
  }
}
