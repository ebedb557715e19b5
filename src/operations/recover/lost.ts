import { ambiguousName, RescueError } from "../../domain/errors.ts"
import {
  hasIdPrefix,
  parseIdPrefix,
  parseSessionId,
  type SessionId,
} from "../../domain/session/session-id.ts"
import { detectAll } from "../../pipeline/detect.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import { openIndex } from "../search/search.ts"

/** Sessions with an export whose transcript is gone, or smaller than when it was saved. */
export async function findLost(paths: Paths, ctx: RunContext): Promise<readonly SessionId[]> {
  const found = await detectAll(ctx, null)
  const sizes = new Map(found.map(({ id, transcriptSize }) => [String(id), transcriptSize] as const))
  const lost = readEverySaved(paths)
    .all()
    .filter(({ manifest }) => {
      const main = manifest.files.find(({ role }) => role === "transcript")
      return (
        main !== undefined && main.store === undefined && (sizes.get(manifest.session.id) ?? -1) < main.length
      )
    })
  return [...new Set(lost.flatMap(({ manifest }) => parseSessionId(manifest.session.id) ?? []))]
}

/** The one session whose id begins so, wherever it is known: on disk, in exports, in the index. */
export async function findLostId(name: string, paths: Paths, ctx: RunContext): Promise<SessionId> {
  const prefix = parseIdPrefix(name)
  const known =
    prefix === null
      ? []
      : [
          ...(await detectAll(ctx, null)).map(({ id }) => id),
          ...readEverySaved(paths)
            .all()
            .map(({ manifest }) => parseSessionId(manifest.session.id)),
          ...indexedIds(prefix, paths).map(parseSessionId),
        ]
  const ids = [...new Set(known.filter((id) => id !== null && hasIdPrefix(id, prefix ?? "")))]
  const [only] = ids
  if (only != null && ids.length === 1) return only
  if (ids.length > 1)
    throw ambiguousName(
      name,
      ids.length,
      ids.map((id) => `  ${id}`),
      "give more digits of its id",
    )
  throw new RescueError(
    "SESSION_NOT_FOUND",
    `no session, export or index entry matches "${name}"`,
    "give the whole id, if it is only in history.jsonl",
  )
}

function indexedIds(prefix: string, paths: Paths): readonly string[] {
  try {
    const index = openIndex(paths)
    try {
      return index.sessionsLike(prefix)
    } finally {
      index.close()
    }
  } catch {
    return [] // there is no index
  }
}
