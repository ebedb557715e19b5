import { showPath } from "../../domain/disk-path.ts"
import type { LivePlace } from "../../domain/listing/place.ts"
import type { SavedMark } from "../../domain/listing/saved-mark.ts"
import type { SessionRows } from "../../domain/rows/rows.ts"
import { isPurgeSoon } from "../../domain/session/flags.ts"
import { type FoundSession, sessionKey } from "../../domain/session/session.ts"
import { everyFolders } from "../../rescue/catalog/folders.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { tryClassify } from "../classify.ts"
import { savedMark } from "../copies/saved-mark.ts"
import { detectAll } from "../detect.ts"
import { laterLook } from "../fresh-context.ts"
import type { RunContext } from "../run-context.ts"
import { newestRelevant } from "../scan.ts"
import { type SessionList, withNeeds } from "./list-sessions.ts"
import { placesOf } from "./places.ts"

/** A verdict about a live session also depends on the clock: it is made again after this time. */
const liveValidMs = 10_000
/** A transcript written this recently may be growing without a process. */
const recentMs = 60_000
/** Panes get renamed and moved, but hardly ever. */
const placesValidMs = 30_000

interface Known {
  readonly signature: string
  readonly at: number
  readonly session: ClassifiedSession
  readonly exports: string
  readonly mark: SavedMark
}

const maxBatch = 1000

/** The sessions of this machine, look after look: what has not changed since the last look is not read again. */
export class LiveList {
  readonly #ctx: RunContext
  readonly #paths: Paths
  readonly #all: boolean
  #known = new Map<string, Known>()
  #live: readonly FoundSession[] = []
  #places: {
    readonly at: number
    readonly key: string
    readonly of: ReadonlyMap<number, LivePlace>
  } | null = null

  constructor(ctx: RunContext, paths: Paths, options: { readonly all: boolean }) {
    this.#ctx = ctx
    this.#paths = paths
    this.#all = options.all
  }

  async look(): Promise<SessionList & { readonly now: number }> {
    const ctx = laterLook(this.#ctx, this.#paths)
    const found = await detectAll(ctx, null)
    const chosen = this.#all ? found : newestRelevant(found, ctx.now)
    const exports = exportsMark(this.#paths, ctx)
    const sessions = await this.#classifyAll(chosen, exports, ctx)
    this.#known = new Map(sessions.map((known) => [sessionKey(known.session), known]))
    this.#live = found.filter(({ process }) => process !== null)
    const marks = new Map(sessions.map(({ session, mark }) => [sessionKey(session), mark]))
    const none: SavedMark = { kind: "none", at: null }
    const listed = await withNeeds(
      sessions.map(({ session }) => session),
      ctx,
      (session) => marks.get(sessionKey(session)) ?? none,
      this.#placesNow(ctx),
    )
    return { listed, notRead: found.length - chosen.length, now: ctx.now }
  }

  /** Whether a look would show something else: a client has exited or stopped, or a conversation has grown. Cheap. */
  async hasChanged(): Promise<boolean> {
    for (const { process, transcript, transcriptSize, rows } of this.#live) {
      if (process !== null) {
        const now = await this.#ctx.processes.probe(process.pid)
        if (now?.startMark !== process.startMark || isStopped(now.letter) !== isStopped(process.letter))
          return true
      }
      if (rows !== undefined) {
        if (writtenAt(rows, this.#ctx) !== rows.writtenAt) return true
      } else if (transcript !== null && this.#ctx.files.quiet.stat(transcript)?.size !== transcriptSize)
        return true
    }
    return false
  }

  /** Forgets what was concluded: the next look reads every session again. */
  forget(): void {
    this.#known.clear()
    this.#places = null
  }

  /** The first look takes from the index what it has; the others know what the one before has read. */
  async #classifyAll(
    chosen: readonly FoundSession[],
    exports: string,
    ctx: RunContext,
  ): Promise<readonly Known[]> {
    const sessions: Known[] = []
    for (let from = 0; from < chosen.length; from += maxBatch) {
      const some = chosen.slice(from, from + maxBatch)
      await ctx.knownFacts?.prepare(some, chosen.length)
      sessions.push(...(await Promise.all(some.map((each) => this.#classify(each, exports, ctx)))))
    }
    ctx.knownFacts?.close()
    return sessions
  }

  async #classify(found: FoundSession, exports: string, ctx: RunContext): Promise<Known> {
    const known = this.#known.get(sessionKey(found))
    const signature = signatureOf(found, ctx.now)
    const unchanged =
      known?.signature === signature && (found.process === null || ctx.now - known.at < liveValidMs)
    // a copy that was made, archived or removed also changes verdicts: archived, shrunk
    if (unchanged && known.exports === exports)
      return { ...known, session: { ...known.session, ...found, flags: known.session.flags } }
    const session = await tryClassify(found, ctx)
    return { signature, at: ctx.now, session, exports, mark: savedMark(session, ctx) }
  }

  async #placesNow(ctx: RunContext): Promise<ReadonlyMap<number, LivePlace>> {
    const key = this.#live
      .map(({ process }) => `${process?.window ?? process?.pid} ${process?.startMark}`)
      .join()
    const last = this.#places
    if (last !== null && last.key === key && ctx.now - last.at < placesValidMs) return last.of
    const of = await placesOf(this.#live, ctx)
    this.#places = { at: ctx.now, key, of }
    return of
  }
}

/** When the database was last written: its log is, where there is one. */
function writtenAt({ database }: SessionRows, { files }: RunContext): number {
  const times = [database, `${database}-wal`].map((path) => files.quiet.stat(path)?.modifiedAt ?? 0)
  return Math.max(...times)
}

function isStopped(letter: string | undefined): boolean {
  return letter === "T" || letter === "t"
}

/** Everything that detection shows of a session and a verdict depends on. */
function signatureOf(found: FoundSession, now: number): string {
  const { process, reported, background, current, modifiedAt, transcriptSize, flags, rows } = found
  const running = process && [
    process.pid,
    process.startMark,
    isStopped(process.letter),
    process.children.length,
  ]
  const growing = process === null && modifiedAt !== null && now - modifiedAt < recentMs ? now : 0
  return JSON.stringify([
    transcriptSize,
    rows?.version,
    modifiedAt,
    reported,
    running,
    background,
    current,
    flags,
    growing,
    isPurgeSoon(found, now),
  ])
}

/** Changes with every export that is made, archived or removed. */
function exportsMark({ data }: Paths, ctx: RunContext): string {
  const folders = everyFolders(data).flatMap(({ pending, archive }) => [pending, archive])
  return folders.map((folder) => ctx.files.quiet.stat(showPath(folder))?.modifiedAt ?? 0).join()
}
