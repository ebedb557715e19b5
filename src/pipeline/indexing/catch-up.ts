import { basename } from "node:path"
import { type ProgressReporter, reportTo } from "../../domain/progress.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { type FileState, type IndexSource, liveSourcesOf } from "../../index/index.ts"
import { readSavedExports } from "../../rescue/catalog/saved-exports.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"
import { storedSessions } from "../detect.ts"
import { storedReader } from "../read-stored.ts"
import type { RunContext } from "../run-context.ts"
import { DueSessions } from "./due-sessions.ts"
import type { IndexIngest } from "./index-work.ts"
import { changedSources, knownSource, namedSource, pathRange, savedSources, traceSources } from "./sources.ts"

/** What is to be read into the index. */
export interface CatchUpOptions {
  readonly paths: Paths
  /** null: all that is saved. */
  readonly names: readonly string[] | null
  /** Transcripts somewhere else. */
  readonly files: readonly string[]
  /** The clients' homes as well. */
  readonly live: boolean
  /** All there is, as the index begins anew. */
  readonly rebuild: boolean
  readonly agent: string | null
  /** Of live sessions only those in whose folder's path this occurs. */
  readonly project: string | null
  readonly reporter: ProgressReporter
  readonly signal: AbortSignal
}

/** What lies in the data folder and is not in the index, files that were named, and the clients' homes. */
export async function catchUp(
  index: IndexIngest,
  options: CatchUpOptions,
  ctx: RunContext,
  alreadyRead: ReadonlySet<string>,
): Promise<number> {
  const { paths, names, files, live, rebuild, signal, reporter } = options
  const progress = reportTo(reporter, signal)
  const read = async (label: string, sources: ReturnType<typeof savedSources>, mayGo = false) => {
    if (sources.length === 0 || signal.aborted) return
    reporter.begin(
      label,
      sources.reduce((sum, source) => sum + source.size, 0),
    )
    try {
      await index.read(sources, progress, false, mayGo)
    } finally {
      reporter.end()
    }
  }
  if (names === null && files.length === 0) {
    // the oldest first: of what is said of a session as a whole, the last word counts
    for (const saved of readSavedExports(paths.pending, paths.archive).each(alreadyRead)) {
      const unknown = savedSources(saved, storedReader(ctx.plugins)).filter((source) => !index.isRead(source))
      await read(saved.name, unknown, saved.place === "pending")
    }
  }
  for (const file of files)
    await read(
      file,
      [namedSource(file, ctx)].filter((source) => source !== null),
    )
  if (!live && !rebuild) return files.length
  const current = (file: FileState) => index.isCurrent(file)
  const due = new DueSessions(indexPath(paths.data))
  let count = 0
  try {
    for await (const batch of eachSessionBatch(options, ctx)) {
      count += batch.length
      const range = pathRange(batch)
      if (range !== null) index.prefetch(...range)
      for (const session of batch) {
        const sources = changedSources(session, ctx, current)
        if (sources.length > 0) due.add(session, Math.max(...sources.map(({ modifiedAt }) => modifiedAt)))
      }
      if (signal.aborted) return count
    }
    // the oldest first: of what a word is found in, the index looks at what it read last before the rest
    for (const session of due.oldestFirst()) {
      await read(shortId(session.id) ?? "", changedSources(session, ctx, current), true)
      if (signal.aborted) return count
    }
  } finally {
    due.close()
  }
  // last of all: only what no conversation holds is of use there
  if (options.project === null && options.agent === null)
    await read(
      "what was typed",
      traceSources(ctx).filter((source) => !current(source)),
      true,
    )
  if (rebuild)
    for (const source of otherKnownSources(index, options, ctx)) await read(basename(source.path), [source])
  return count
}

/** Files that were named once, or lie in homes that are not looked into now. */
function* otherKnownSources(
  index: IndexIngest,
  { paths }: CatchUpOptions,
  ctx: RunContext,
): Generator<IndexSource> {
  for (const known of liveSourcesOf(indexPath(paths.data))) {
    const source = knownSource(known, ctx)
    if (source !== null && !index.isRead(source)) yield source
  }
}

type SessionFilter = Pick<CatchUpOptions, "agent" | "project">

/** What lies in the clients' homes, some at a time: there may be hundreds of thousands. */
export async function* eachSessionBatch(
  { agent, project }: SessionFilter,
  ctx: RunContext,
): AsyncGenerator<readonly FoundSession[]> {
  for await (const batch of storedSessions(ctx, agent)) yield batch.filter(inProject(project))
}

/** The client names a session's folder after its working directory; what is not a letter or a digit became a dash. */
function inProject(project: string | null) {
  const slug = project?.replace(/[^A-Za-z0-9]/g, "-").toLowerCase()
  return ({ transcript }: { transcript: unknown }) =>
    slug === undefined || (typeof transcript === "string" && transcript.toLowerCase().includes(slug))
}
