import { isRescueError, RescueError } from "../../domain/errors.ts"
import { parseIdPrefix } from "../../domain/session/session-id.ts"
import type { IndexSource } from "../../index/index.ts"
import { readConversation, type ShownItem } from "../../pipeline/indexing/conversation.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type OpenedSources, openSources } from "../search/session-sources.ts"
import { onlyIndexed } from "../search/show.ts"
import { type IndexedSession, offsetsOf, openIndexedSession, readIndexedBlock } from "./indexed-timeline.ts"

/** A stretch of a file: what a browser asks for and lays out at a time. */
const linesPerBlock = 50
const bytesPerBlock = 1 << 19
/** Files whose places are remembered, and sessions whose files are. */
const maxKnown = 64

/** Where the blocks of a file begin; the last one is its end. */
interface Places {
  readonly file: string
  readonly offsets: number[]
  size: number
  /** Lines since the beginning of the last block. */
  lines: number
}

interface TimelineFile {
  /** "" for the transcript itself. */
  readonly document: string
  readonly form: "records" | "text"
  readonly size: number
  readonly offsets: readonly number[]
}

export interface Timeline {
  readonly id: string
  readonly agent: string
  readonly title: string | null
  readonly from: string
  readonly path: string | null
  readonly files: readonly TimelineFile[]
}

/** Reads sessions in stretches: the whole of a large one is never held. */
export class TimelineReader {
  readonly #paths: Paths
  readonly #ctx: () => RunContext
  readonly #known = new Map<string, Places>()
  readonly #opened = new Map<string, OpenedSources | IndexedSession>()

  constructor(paths: Paths, ctx: () => RunContext) {
    this.#paths = paths
    this.#ctx = ctx
  }

  /** Its files, and where their blocks begin. A file that has grown is read from where it ended. */
  async open(id: string): Promise<Timeline> {
    const opened = await this.#openAgain(id)
    if (isIndexed(opened)) return indexedTimeline(opened)
    const { sources, ...about } = opened
    const files: TimelineFile[] = []
    for (const source of sources) {
      if (source.form === "whole") continue
      const isOneDocument = source.form === "pieces" || source.form === "list" // cannot be read from its middle
      const { offsets } = isOneDocument ? { offsets: [0, source.size] } : await this.#placesOf(source)
      const form = source.form === "text" || source.form === "pieces" ? "text" : "records"
      files.push({ document: source.document, form, size: source.size, offsets })
    }
    return { ...about, title: await about.title(), files }
  }

  /** The items between two places. `ofFile`: of the file itself, which may have been deleted since. */
  async *read(
    id: string,
    document: string,
    { from, to, ofFile }: { readonly from: number; readonly to: number; readonly ofFile: boolean },
  ): AsyncGenerator<ShownItem> {
    const ctx = this.#ctx()
    const opened = this.#opened.get(id) ?? (await this.#openAgain(id))
    if (isIndexed(opened)) {
      if (ofFile) throw new RescueError("SOURCE_GONE", "that file no longer exists", "reload the page")
      return yield* readIndexedBlock(opened, document, from, this.#paths)
    }
    const { sources, agent } = opened
    const source = sources.find((each) => each.document === document)
    const read = builtInDetectPlugins().find((plugin) => plugin.agent === agent)?.readRecord
    if (source === undefined || read === undefined)
      throw new RescueError("SOURCE_GONE", "that file is no longer there", "reload the page")
    const length = Math.min(to, source.size) - from
    if (length <= 0) return
    const open: IndexSource["open"] = () => limited(source.open(from, length), length)
    for await (const item of readConversation([{ ...source, open }], read, ctx.signal, { usage: true })) {
      if (item.type === "document") continue
      yield item.type === "usage" ? item : { ...item, offset: item.offset + from }
    }
  }

  async #openAgain(id: string): Promise<OpenedSources | IndexedSession> {
    const opened = await openSources(id, this.#paths, this.#ctx()).catch((error) =>
      this.#fromIndex(id, error),
    )
    remember(this.#opened, id, opened)
    return opened
  }

  /** Where every file of a session is gone; throws what was thrown if the index does not know it either. */
  async #fromIndex(id: string, error: unknown): Promise<IndexedSession> {
    const notFound = isRescueError(error) && error.code === "SESSION_NOT_FOUND"
    const prefix = parseIdPrefix(id)
    const found = notFound && prefix !== null ? await onlyIndexed(id, prefix, this.#paths, this.#ctx()) : null
    if (found === null) throw error
    return openIndexedSession(found, this.#paths)
  }

  async #placesOf(source: IndexSource): Promise<Places> {
    const known = this.#known.get(source.path)
    const continues = known?.file === source.file && known.size <= source.size
    const places = continues ? known : { file: source.file, offsets: [0, 0], size: 0, lines: 0 }
    if (places.size < source.size) await extend(places, source)
    remember(this.#known, source.path, places)
    return places
  }
}

function isIndexed(opened: OpenedSources | IndexedSession): opened is IndexedSession {
  return "files" in opened
}

function indexedTimeline({ id, agent, title, files }: IndexedSession): Timeline {
  const shown = files.map((file) => ({
    ...{ document: file.document, form: "records" as const },
    ...{ size: file.size, offsets: offsetsOf(file) },
  }))
  return { id, agent, title, from: "index", path: null, files: shown }
}

/** Keeps the newest. */
function remember<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key)
  known.set(key, value)
  for (const old of [...known.keys()].slice(0, -maxKnown)) known.delete(old)
}

const lineFeed = 0x0a

/** Looks for the ends of lines in what is new. */
async function extend(places: Places, source: IndexSource): Promise<void> {
  const { offsets } = places
  offsets.pop()
  let at = places.size
  for await (const bytes of limited(source.open(at, source.size - at), source.size - at)) {
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, end + 1)) {
      places.lines++
      const next = at + end + 1
      if (places.lines < linesPerBlock && next - (offsets.at(-1) ?? 0) < bytesPerBlock) continue
      offsets.push(next)
      places.lines = 0
    }
    at += bytes.length
  }
  places.size = at
  if (offsets.at(-1) === at && offsets.length > 1) return
  offsets.push(at)
}

/** At most `length` bytes: a source may give all that follows. */
async function* limited(
  bytes: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  length: number,
): AsyncGenerator<Uint8Array> {
  let left = length
  for await (const piece of bytes) {
    yield piece.length <= left ? piece : piece.subarray(0, left)
    left -= piece.length
    if (left <= 0) return
  }
}
