import { contains, type HitLocation } from "../../domain/conversation/hit-location.ts"
import { RescueError } from "../../domain/errors.ts"
import { hasIdPrefix, parseIdPrefix, parseSessionId } from "../../domain/session/session-id.ts"
import { readConversation } from "../../pipeline/indexing/conversation.ts"
import { liveSources, namedSource, savedSources } from "../../pipeline/indexing/sources.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import { openIndex } from "./search.ts"
import { candidates } from "./session-sources.ts"
import { itemOf, type Readable, type ShownItem } from "./show.ts"

/** A hit of cxq: its locations, and its context in the index, which is all that is left of a purged file. */
export interface ShownHit {
  /** Its id. */
  readonly part: number
  readonly session: string
  readonly agent: string
  readonly text: string
  readonly own: FilePlace
  /** Every file known to contain the hit. */
  readonly places: readonly FilePlace[]
  readonly around: readonly ShownItem[]
}

interface FilePlace extends HitLocation {
  readonly path: string
}

/** Parts shown before a hit, and after it. */
const partsAround = 12

/** Throws NO_INDEX, or NOTHING_FOUND for an unknown part number. */
export function readHit(typed: string, paths: Paths): ShownHit {
  const number = /^\d{1,15}$/.test(typed) ? Number(typed) : null
  if (number === null)
    throw new RescueError("USAGE", `invalid value for --around: "${typed}"`, "use the number that cxq prints")
  const index = openIndex(paths)
  try {
    const part = index.part(number)
    if (part === null)
      throw new RescueError(
        "NOTHING_FOUND",
        `no such hit: ${typed}`,
        "search again: session-rescue cxq WORDS",
      )
    const around = index.around(number, partsAround, partsAround).map(itemOf)
    const { session, agent, text, source: own } = part
    return { part: number, session, agent, text, own, places: index.locations(number), around }
  } finally {
    index.close()
  }
}

/** Opens only the context of a hit, from the largest file that contains it; from the index when no file does. */
export async function openAround(
  name: string,
  hit: ShownHit,
  paths: Paths,
  ctx: RunContext,
): Promise<Readable> {
  const prefix = parseIdPrefix(name)
  const id = parseSessionId(hit.session)
  if (prefix === null || id === null || !hasIdPrefix(id, prefix))
    throw new RescueError(
      "USAGE",
      `that hit is not in ${name}`,
      `session-rescue show ${hit.session} --around ${hit.part}`,
    )
  const found = hit.places.length === 0 ? { live: [], saved: [] } : await candidates(prefix, paths, ctx)
  const known = [
    ...found.live.flatMap((each) => liveSources(each, ctx)),
    ...found.saved.flatMap((saved) => savedSources(saved, storedReader(ctx.plugins))),
  ]
  const holding = hit.places.flatMap((place) => {
    const source = known.find(({ path }) => path === place.path) ?? namedSource(place.path, ctx)
    // the user may have named a subagent's file, which is then a document of its own
    return source === null ? [] : [{ place, source: { ...source, document: place.document } }]
  })
  for (const { place, source } of holding.toSorted((a, b) => b.source.size - a.source.size)) {
    const read = builtInDetectPlugins().find(({ agent }) => agent === source.agent)?.readRecord
    if (read === undefined) continue
    const conversation = readConversation([source], read, ctx.signal)
    const items = aroundHit(conversation, (item) => isHitItem(item, place, hit))
    const first = await items.next()
    if (first.done !== true)
      return {
        id,
        agent: hit.agent,
        title: async () => null,
        from: source.export ?? "live",
        path: source.path,
        documents: [],
        hit: place,
        items: prepend(first.value, items),
      }
  }
  return {
    id,
    agent: hit.agent,
    title: async () => null,
    from: "index",
    path: hit.places[0]?.path ?? null,
    documents: [],
    hit: hit.own,
    items: fromList(hit.around),
  }
}

/** Compares the text: the client may have rewritten the file since it was indexed. */
function isHitItem(item: ShownItem, place: FilePlace, { text }: ShownHit): boolean {
  if (item.type !== "part" || !contains(item, place)) return false
  const bytes = Buffer.from(item.part.text).subarray(place.offset - item.offset)
  const shown = bytes.toString("utf8").replaceAll("\0", "")
  const known = text.replaceAll("\0", "")
  const length = Math.min(shown.length, known.length)
  return (length > 0 || shown === known) && shown.slice(0, length) === known.slice(0, length)
}

async function* prepend(first: ShownItem, rest: AsyncGenerator<ShownItem>): AsyncGenerator<ShownItem> {
  yield first
  yield* rest
}

async function* fromList(items: readonly ShownItem[]): AsyncGenerator<ShownItem> {
  yield* items
}

/** The hit with items before and after it. */
async function* aroundHit(
  items: AsyncGenerator<ShownItem>,
  isIt: (item: ShownItem) => boolean,
): AsyncGenerator<ShownItem> {
  const before: ShownItem[] = []
  let after = 0
  for await (const item of items) {
    if (isIt(item)) {
      yield* before.splice(0)
      yield item
      after = partsAround
    } else if (after > 0) {
      yield item
      if (--after === 0) return
    } else {
      before.push(item)
      if (before.length > partsAround) before.shift()
    }
  }
}
