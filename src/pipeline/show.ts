import { readSavedExports } from "../rescue/saved.ts"
import { RescueError } from "../session/errors.ts"
import type { SavedExport } from "../session/export.ts"
import type { FoundSession } from "../session/session.ts"
import { parseIdPrefix, parseSessionId, type SessionId } from "../session/session-id.ts"
import type { Paths } from "../system/paths.ts"
import { type IndexedPart, openIndex } from "./ask-index.ts"
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
  if (id == null) throw notFound(name)
  if (ids.length > 1) {
    const message = `"${name}" fits ${ids.length} sessions:\n${ids.map((each) => `  ${each}`).join("\n")}`
    throw new RescueError("AMBIGUOUS", message, "give more of its digits")
  }
  return open(id, longest(live, saved), ctx)
}

async function candidates(prefix: string, paths: Paths, ctx: Context) {
  const live = (await detectAll(ctx, null)).filter(({ id }) => id?.startsWith(prefix))
  const saved = readSavedExports(paths.pending, paths.archive)
    .all()
    .filter(({ manifest }) => manifest.session.id.startsWith(prefix))
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
  return { id, from, path: first.path, items: readConversation(sources, read, ctx.signal) }
}

/** A hit of cxq: where it lies, and what the index has around it, which is all that is left of a purged file. */
export interface ShownHit {
  readonly session: string
  /** The file that it is in; null when none holds it any more. */
  readonly path: string | null
  readonly document: string
  readonly offset: number
  readonly around: readonly ShownItem[]
}

/** So many parts before a hit, and behind it. */
const nearby = 12

/** Throws NO_INDEX, or NOTHING_FOUND for a number that no part has. */
export function readHit(typed: string, paths: Paths): ShownHit {
  const number = /^\d{1,15}$/.test(typed) ? Number(typed) : null
  if (number === null)
    throw new RescueError("USAGE", `--around ${typed} is no hit`, "take the number that cxq prints")
  const index = openIndex(paths)
  try {
    const part = index.part(number)
    if (part === null) throw new RescueError("NOTHING_FOUND", `there is no hit ${typed}`, "ask cxq again")
    const { document, offset, gone, path } = part.source
    const around = index.around(number, nearby, nearby).map(itemOf)
    return { session: part.session, path: gone ? null : path, document, offset, around }
  } finally {
    index.close()
  }
}

function itemOf({ time, model, subagent, source, ...part }: IndexedPart): ShownItem {
  const { kind, role, text, tool, isError } = part
  const { document, offset, length } = source
  const said = { kind, role, text, isError, ...(tool === null ? {} : { tool }) }
  return { is: "part", part: said, time, model, subagent, document, offset, length }
}

/** Only what stands around a hit; from the index, where no file holds it any more. */
export async function openAround(name: string, hit: ShownHit, paths: Paths, ctx: Context): Promise<Readable> {
  const prefix = parseIdPrefix(name)
  const id = parseSessionId(hit.session)
  if (prefix === null || id === null || !id.startsWith(prefix))
    throw new RescueError(
      "USAGE",
      `that hit is not of ${name}`,
      `session-rescue show ${hit.session} --around HIT`,
    )
  const { document, offset, path, around } = hit
  const isIt = (item: ShownItem) => item.is === "part" && item.document === document && item.offset === offset
  if (path !== null) {
    const found = await candidates(prefix, paths, ctx)
    const sources = [
      ...found.live.flatMap((each) => liveSources(each, ctx)),
      ...found.saved.flatMap(savedSources),
    ].filter((source) => source.path === path)
    const [source] = sources
    const read = builtInDetectPlugins().find(({ agent }) => agent === source?.agent)?.parts
    if (source !== undefined && read !== undefined) {
      const items = nearTo(readConversation([source], read, ctx.signal), isIt)
      return { id, from: source.export ?? "live", path, items }
    }
  }
  return { id, from: "index", path: null, items: each(around) }
}

async function* each(items: readonly ShownItem[]): AsyncGenerator<ShownItem> {
  yield* items
}

/** The hit with some of what stands before and behind it. */
async function* nearTo(
  items: AsyncGenerator<ShownItem>,
  isIt: (item: ShownItem) => boolean,
): AsyncGenerator<ShownItem> {
  const before: ShownItem[] = []
  let after = 0
  for await (const item of items) {
    if (isIt(item)) {
      yield* before.splice(0)
      yield item
      after = nearby
    } else if (after > 0) {
      yield item
      if (--after === 0) return
    } else {
      before.push(item)
      if (before.length > nearby) before.shift()
    }
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
