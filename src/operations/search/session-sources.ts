import { showPath } from "../../domain/disk-path.ts"
import { ambiguousName, RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import {
  hasIdPrefix,
  parseIdPrefix,
  parseSessionId,
  type SessionId,
} from "../../domain/session/session-id.ts"
import type { IndexSource } from "../../index/index.ts"
import { detectAll, examine } from "../../pipeline/detect.ts"
import { inReadingOrder, liveSources, savedSources } from "../../pipeline/indexing/sources.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"

export type KnownSessions = Awaited<ReturnType<typeof candidates>>

const maxListed = 20

/** Each of the sessions with what it is called, as far as a file still says so. */
export async function ambiguousId(
  name: string,
  ids: readonly string[],
  known: KnownSessions,
  ctx: RunContext,
): Promise<RescueError> {
  const lines = await Promise.all(
    ids.slice(0, maxListed).map(async (id) => {
      const live = known.live.filter((each) => each.id === id)
      const saved = known.saved.filter(({ manifest }) => manifest.session.id === id)
      const chosen = longest(live, saved)
      const read = chosen?.found == null ? null : await examine(chosen.found, ctx).catch(() => null)
      const { title = null, cwd = null } = read ?? chosen?.saved?.manifest.session ?? {}
      const facts = [title, cwd === null ? null : showPath(cwd)].filter((fact) => fact !== null)
      return `  ${[id, ...facts].join(" · ")}`
    }),
  )
  const more = ids.length - lines.length
  const all = more > 0 ? [...lines, `  and ${more} more`] : lines
  return ambiguousName(name, ids.length, all, "give more digits of its id")
}

export async function candidates(prefix: string, paths: Paths, ctx: RunContext) {
  return withPrefix(prefix, await detectAll(ctx, null), readEverySaved(paths).all())
}

export function withPrefix(prefix: string, live: readonly FoundSession[], saved: readonly SavedExport[]) {
  return {
    live: live.filter(({ id }) => hasIdPrefix(id, prefix)),
    saved: saved.filter(({ manifest }) => hasIdPrefix(manifest.session.id, prefix)),
  }
}

/** The ids of all of them. */
export function sessionIds({ live, saved }: KnownSessions): readonly SessionId[] {
  const ids = [...live.map(({ id }) => id), ...saved.map((each) => parseSessionId(each.manifest.session.id))]
  return [...new Set(ids.filter((id) => id !== null))]
}

export function longest(live: readonly FoundSession[], saved: readonly SavedExport[]) {
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

/** The files of one session, in the order in which they are read. */
export interface OpenedSources {
  readonly id: SessionId
  readonly agent: string
  /** Reads what the session is called. */
  readonly title: () => Promise<string | null>
  /** `live`, or the name of the export. */
  readonly from: string
  readonly path: string
  readonly sources: readonly IndexSource[]
}

/** As `openReadable`, for readers of stretches. Throws SESSION_NOT_FOUND where only the index is left. */
export async function openSources(name: string, paths: Paths, ctx: RunContext): Promise<OpenedSources> {
  const prefix = parseIdPrefix(name)
  const { live, saved } = prefix === null ? { live: [], saved: [] } : await candidates(prefix, paths, ctx)
  const [id, another] = sessionIds({ live, saved })
  if (id === undefined) throw noSessionMatches(name)
  if (another !== undefined) throw await ambiguousId(name, sessionIds({ live, saved }), { live, saved }, ctx)
  return sourcesOf(id, longest(live, saved), ctx)
}

export function sourcesOf(id: SessionId, chosen: ReturnType<typeof longest>, ctx: RunContext): OpenedSources {
  const sources =
    chosen?.found != null
      ? liveSources(chosen.found, ctx)
      : savedSources(chosen?.saved as SavedExport, storedReader(ctx.plugins))
  const [first] = sources
  if (first === undefined)
    throw new RescueError("SOURCE_GONE", `no readable conversation in ${id}`, "session-rescue list")
  return {
    id,
    agent: chosen?.found?.agent ?? chosen?.saved?.manifest.session.agent ?? first.agent,
    title: () => titleOf(chosen, ctx),
    from: chosen?.saved?.name ?? "live",
    path: first.path,
    sources: inReadingOrder(sources),
  }
}

async function titleOf(chosen: ReturnType<typeof longest>, ctx: RunContext): Promise<string | null> {
  if (chosen?.found == null) return chosen?.saved?.manifest.session.title ?? null
  return (await examine(chosen.found, ctx)).title
}

export function noSessionMatches(name: string): RescueError {
  const message = `no running, stored or exported session matches "${name}"`
  return new RescueError(
    "SESSION_NOT_FOUND",
    message,
    "list all: session-rescue --status --all, session-rescue list",
  )
}
