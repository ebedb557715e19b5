import { basename } from "node:path"
import { type FileNow, type IndexSource, liveSourcesOf, rebuildIndex } from "../index/index.ts"
import { readSavedExports } from "../rescue/saved.ts"
import { isRescueError, RescueError } from "../session/errors.ts"
import { type Indexed, nothingIndexed } from "../session/indexed.ts"
import type { FoundSession } from "../session/session.ts"
import { indexPath } from "../system/paths.ts"
import type { Context } from "./context.ts"
import { eachStored } from "./detect.ts"
import { DueSessions } from "./indexing/due-sessions.ts"
import type { IndexWork } from "./indexing/index-work.ts"
import { closeSharedIndex, sharedIndex, shareIndex } from "./indexing/open-index.ts"
import { changedSources, knownSource, namedSource, pathsOf, savedSources } from "./indexing/sources.ts"
import { extractor } from "./queue.ts"
import {
  type ProcessedExport,
  type ProcessingOptions,
  type ProcessingReport,
  processPending,
} from "./queue-run.ts"

export interface CxOptions extends ProcessingOptions {
  readonly index: boolean
  /** Reads the clients' homes as well, without exporting. */
  readonly live: boolean
  /** Begins with an empty index, and reads all there is. */
  readonly rebuild: boolean
  /** Transcripts somewhere else, which are only read. */
  readonly files: readonly string[]
  readonly agent: string | null
  /** Of live sessions only those in whose folder's path this occurs. */
  readonly project: string | null
}

export interface CxReport extends ProcessingReport {
  readonly indexed: Indexed
  /** Why the index could not be brought up to date; what became of the exports is said all the same. */
  readonly trouble: RescueError | null
  /** Sessions whose files were looked at outside the pending folder. */
  readonly live: number
  /** Milliseconds that reading into the index took. */
  readonly took: number
}

/**
 * The post-process stage over what is pending; then the index is brought up to date with the archive and, if asked
 * for, with the clients' homes.
 */
export async function cx(options: CxOptions, ctx: Context): Promise<CxReport> {
  const { index, rebuild, paths, warn } = options
  if (!index || !rebuild) {
    return work(options, ctx).finally(closeSharedIndex)
  }
  const { result, kept } = await rebuildIndex(indexPath(paths.data), async (writer) => {
    const report = await shareIndex(paths.data, writer, () => work(options, ctx))
    if (!report.interrupted) return report
    throw new RescueError("INTERRUPTED", "interrupted: the old index stays in use", "run it again")
  })
  if (kept !== null) warn(`the old index was kept as ${kept}: what no file holds any more is only there`)
  return result
}

async function work(options: CxOptions, ctx: Context): Promise<CxReport> {
  const { index, rebuild, paths, warn, signal } = options
  const report = await processPending(options)
  const nothing = { indexed: nothingIndexed, live: 0, took: 0, trouble: null }
  if (!index) return { ...report, ...nothing }
  try {
    const live = report.interrupted ? 0 : await catchUp(options, ctx, readNow(report))
    const shared = sharedIndex(paths.data, warn)
    if (!report.interrupted) shared.settle(paths)
    const { sum: indexed, took } = shared
    return { ...report, interrupted: signal.aborted, indexed, live, took, trouble: null }
  } catch (error) {
    if (rebuild || !isRescueError(error)) throw error // a half-made index must not replace the old one
    return { ...report, ...nothing, trouble: error }
  }
}

/** What lies in the data folder and is not in the index, files that were named, and the clients' homes. */
async function catchUp(options: CxOptions, ctx: Context, alreadyRead: ReadonlySet<string>): Promise<number> {
  const { paths, warn, names, files, live, rebuild, signal, watcher } = options
  const index = sharedIndex(paths.data, warn)
  const pace = { signal, progress: (bytes: number) => watcher.progress(bytes) }
  const read = async (label: string, sources: ReturnType<typeof savedSources>, mayGo = false) => {
    if (sources.length === 0 || signal.aborted) return
    watcher.begins(
      label,
      sources.reduce((sum, source) => sum + source.size, 0),
    )
    try {
      await index.read(sources, pace, false, mayGo)
    } finally {
      watcher.ends()
    }
  }
  if (names === null && files.length === 0) {
    // the oldest first: of what is said of a session as a whole, the last word counts
    for (const saved of readSavedExports(paths.pending, paths.archive).each(alreadyRead)) {
      const unknown = savedSources(saved).filter((source) => !index.holds(source))
      await read(saved.name, unknown, saved.place === "pending")
    }
  }
  for (const file of files)
    await read(
      file,
      [namedSource(file, ctx)].filter((source) => source !== null),
    )
  if (!live && !rebuild) return files.length
  const current = (file: FileNow) => index.isCurrent(file)
  const due = new DueSessions(indexPath(paths.data))
  let count = 0
  try {
    for await (const batch of eachTalk(options, ctx)) {
      count += batch.length
      const range = pathsOf(batch)
      if (range !== null) index.prefetch(...range)
      for (const session of batch) {
        const sources = changedSources(session, ctx, current)
        if (sources.length > 0) due.add(session, Math.max(...sources.map(({ modifiedAt }) => modifiedAt)))
      }
      if (signal.aborted) return count
    }
    // the oldest first: of what a word is found in, the index looks at what it read last before the rest
    for (const session of due.oldestFirst()) {
      await read(session.id?.slice(0, 8) ?? "", changedSources(session, ctx, current), true)
      if (signal.aborted) return count
    }
  } finally {
    due.close()
  }
  if (rebuild) for (const source of leftOut(index, options, ctx)) await read(basename(source.path), [source])
  return count
}

/** Exports that went into the index a moment ago; where they lie now is put right by `settle`. */
function readNow({ exports }: ProcessingReport): ReadonlySet<string> {
  const isRead = ({ outcomes }: ProcessedExport) =>
    outcomes.some(({ plugin, status }) => plugin === extractor && status === "done")
  return new Set(exports.filter(isRead).map(({ name }) => name))
}

/** Files that were named once, or lie in homes that are not looked into now. */
function* leftOut(index: IndexWork, { paths }: CxOptions, ctx: Context): Generator<IndexSource> {
  for (const known of liveSourcesOf(indexPath(paths.data))) {
    const source = knownSource(known, ctx)
    if (source !== null && !index.holds(source)) yield source
  }
}

type Choice = Pick<CxOptions, "agent" | "project">

/** What lies in the clients' homes, some at a time: there may be hundreds of thousands. */
async function* eachTalk({ agent, project }: Choice, ctx: Context): AsyncGenerator<readonly FoundSession[]> {
  for await (const batch of eachStored(ctx, agent)) yield batch.filter(inProject(project))
}

/** Sessions and files that would be looked at, besides what is pending. Nothing is read or written. */
export async function foreseeReading(
  options: Pick<CxOptions, "index" | "live" | "rebuild" | "agent" | "project" | "files">,
  ctx: Context,
): Promise<number> {
  const { index, live, rebuild, agent, project, files } = options
  if (!index) return 0
  let count = files.length
  if (live || rebuild) for await (const batch of eachTalk({ agent, project }, ctx)) count += batch.length
  return count
}

/** The client names a session's folder after its working directory; what is not a letter or a digit became a dash. */
function inProject(project: string | null) {
  const slug = project?.replace(/[^A-Za-z0-9]/g, "-").toLowerCase()
  return ({ transcript }: { transcript: unknown }) =>
    slug === undefined || (typeof transcript === "string" && transcript.toLowerCase().includes(slug))
}
