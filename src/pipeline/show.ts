import type { IndexSource } from "../index/index.ts"
import { readSavedExports } from "../rescue/saved.ts"
import { RescueError } from "../session/errors.ts"
import type { SavedExport } from "../session/export.ts"
import type { HitPlace } from "../session/hit-place.ts"
import type { FoundSession } from "../session/session.ts"
import { beginsWith, parseIdPrefix, parseSessionId, type SessionId } from "../session/session-id.ts"
import type { Paths } from "../system/paths.ts"
import { openIndex } from "./ask-index.ts"
import type { Context } from "./context.ts"
import { detectAll } from "./detect.ts"
import { readConversation, type ShownItem } from "./indexing/conversation.ts"
import { liveSources, savedSources } from "./indexing/sources.ts"
import { builtInDetectPlugins } from "./plugins.ts"

export type { ShownItem } from "./indexing/conversation.ts"

/** A session that can be read, and from where it is. */
export interface Readable {
  readonly id: SessionId
  /** `live`, `index`, or the name of the export. */
  readonly from: string
  /** null: nowhere but in the index. */
  readonly path: string | null
  /** Where in it the hit lies that was asked for. */
  readonly hit: HitPlace | null
  readonly items: AsyncGenerator<ShownItem>
}

/** Opens the longest there is of a session: the client's own file, or an export that holds more. */
export async function openReadable(name: string, paths: Paths, ctx: Context): Promise<Readable> {
  const prefix = parseIdPrefix(name)
  if (prefix === null) throw notFound(name)
  const { live, saved } = await candidates(prefix, paths, ctx)
  const ids = [
    ...new Set([
      ...live.map(({ id }) => id),
      ...saved.map((each) => parseSessionId(each.manifest.session.id)),
    ]),
  ]
  const [id] = ids
  if (id == null) throw onlyIndexed(prefix, paths) ?? notFound(name)
  if (ids.length > 1) {
    const message = `"${name}" fits ${ids.length} sessions:\n${ids.map((each) => `  ${each}`).join("\n")}`
    throw new RescueError("AMBIGUOUS", message, "give more of its digits")
  }
  return open(id, longest(live, saved), ctx)
}

export async function candidates(prefix: string, paths: Paths, ctx: Context) {
  const live = (await detectAll(ctx, null)).filter(({ id }) => beginsWith(id, prefix))
  const saved = readSavedExports(paths.pending, paths.archive)
    .all()
    .filter(({ manifest }) => beginsWith(manifest.session.id, prefix))
  return { live, saved }
}

function longest(live: readonly FoundSession[], saved: readonly SavedExport[]) {
  const all = [
    ...live.map((found) => ({ found, saved: null, size: found.transcriptSize })),
    ...saved.map((each) => ({ found: null, saved: each, size: transcriptLength(each) })),
  ]
  return all.toSorted((a, b) => b.size - a.size)[0]
}

function transcriptLength({ manifest }: SavedExport): number {
  return manifest.files.find(({ role }) => role === "transcript")?.length ?? 0
}

function open(id: SessionId, chosen: ReturnType<typeof longest>, ctx: Context): Readable {
  const sources =
    chosen?.found != null ? liveSources(chosen.found, ctx) : savedSources(chosen?.saved as SavedExport)
  const agent = chosen?.found?.agent ?? chosen?.saved?.manifest.session.agent
  const read = builtInDetectPlugins().find((plugin) => plugin.agent === agent)?.parts
  const [first] = sources
  if (read === undefined || first === undefined) {
    throw new RescueError(
      "SOURCE_GONE",
      `nothing of ${id} can be read as a conversation`,
      "session-rescue list",
    )
  }
  const from = chosen?.saved?.name ?? "live"
  return {
    id,
    from,
    path: first.path,
    hit: null,
    items: readConversation(inOrder(sources), read, ctx.signal),
  }
}

/** A folder names its files in any order: the conversation comes first, then its subagents', then what was kept apart. */
function inOrder(sources: readonly IndexSource[]): readonly IndexSource[] {
  const rank = ({ document, form }: IndexSource) => (document === "" ? 0 : form === "text" ? 2 : 1)
  return sources.toSorted((a, b) => rank(a) - rank(b) || (a.document < b.document ? -1 : 1))
}

/** What was said in a purged session stays findable, though no file is left to be shown; null: nothing of it is. */
function onlyIndexed(prefix: string, paths: Paths): RescueError | null {
  try {
    const index = openIndex(paths)
    try {
      const { hits, total } = index.search("", { session: prefix }, 1)
      const [hit] = hits
      if (hit === undefined) return null
      const id = hit.session.slice(0, 8)
      const message = `no file of ${hit.session} is in a client's home or saved, but what was said is in the index`
      const hint = `session-rescue cxq --session ${id} --recent ${total} --format full`
      return new RescueError("SESSION_NOT_FOUND", message, hint)
    } finally {
      index.close()
    }
  } catch {
    return null // the index is of no use here, and not what was asked for
  }
}

function notFound(name: string): RescueError {
  const message = `there is no session "${name}", live or saved`
  return new RescueError(
    "SESSION_NOT_FOUND",
    message,
    "see what there is: session-rescue --status --all, session-rescue list",
  )
}
