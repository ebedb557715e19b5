/** Reads conversations from the clients' homes, the pending exports and the archive into the index. */

import { basename } from "node:path"
import { greatest } from "../../domain/extremes.ts"
import { type ProgressReporter, reportTo } from "../../domain/progress.ts"
import type { ProjectFilter } from "../../domain/project-filter.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { type FileState, type IndexSource, liveSourcesOf } from "../../index/index.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"
import { storedSessions } from "../detect.ts"
import { storedReader } from "../read-stored.ts"
import type { RunContext } from "../run-context.ts"
import { DueSessions } from "./due-sessions.ts"
import type { IndexIngest } from "./index-work.ts"
import { Lookahead, type SourceGroup } from "./lookahead.ts"
import { parseThreadCount } from "./parse-ahead.ts"
import { SessionFacts } from "./session-facts.ts"
import { changedSources, knownSource, namedSource, pathRange, savedSources, traceSources } from "./sources.ts"

/** What to read into the index. */
export interface CatchUpOptions {
  readonly paths: Paths
  /** null: everything saved. */
  readonly names: readonly string[] | null
  /** Paths of transcripts elsewhere. */
  readonly files: readonly string[]
  /** Read the clients' homes as well. */
  readonly live: boolean
  /** Read everything, because the index is new. */
  readonly rebuild: boolean
  readonly agent: string | null
  /** Only live sessions whose folder path contains this. */
  readonly project: ProjectFilter | null
  readonly reporter: ProgressReporter
  readonly signal: AbortSignal
  /** Threads that parse beside the one that writes; by default, what the machine has. */
  readonly parseThreads?: number
}

type ReadSources = (label: string, sources: readonly IndexSource[], mayGo?: boolean) => Promise<void>

/** Reads what is not in the index yet from the data folder, named files and the clients' homes. */
export async function catchUp(
  index: IndexIngest,
  options: CatchUpOptions,
  ctx: RunContext,
  alreadyRead: ReadonlySet<string>,
): Promise<number> {
  const { names, files, live, rebuild } = options
  const read = sourceReader(index, options)
  if (names === null && files.length === 0) await readExports(index, options, ctx, alreadyRead, read)
  for (const file of files)
    await read(
      file,
      [namedSource(file, ctx)].filter((source) => source !== null),
    )
  if (!live && !rebuild) return files.length
  const { count, aborted } = await readLiveSessions(index, options, ctx, read)
  if (aborted) return count
  // at the end, because only prompts that are in no conversation are of use
  if (options.project === null && options.agent === null)
    await read(
      "what was typed",
      traceSources(ctx).filter((source) => !index.isCurrent(source)),
      true,
    )
  if (rebuild)
    for (const source of otherKnownSources(index, options, ctx)) await read(basename(source.path), [source])
  return count
}

/** Reads sources into the index, with progress under their label; nothing once the run is aborted. */
function sourceReader(index: IndexIngest, { reporter, signal }: CatchUpOptions): ReadSources {
  const progress = reportTo(reporter, signal)
  return async (label, sources, mayGo = false) => {
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
}

/** The oldest first: the last record about a session as a whole wins. */
async function readExports(
  index: IndexIngest,
  { paths }: CatchUpOptions,
  ctx: RunContext,
  alreadyRead: ReadonlySet<string>,
  read: ReadSources,
): Promise<void> {
  for (const saved of readEverySaved(paths).each(alreadyRead)) {
    const unknown = savedSources(saved, storedReader(ctx.plugins, "evicted")).filter(
      (source) => !index.isRead(source),
    )
    await read(saved.name, unknown, saved.place === "pending")
  }
}

/** `count`: the sessions found in the clients' homes; `aborted`: before the last of them was read. */
async function readLiveSessions(
  index: IndexIngest,
  options: CatchUpOptions,
  ctx: RunContext,
  read: ReadSources,
): Promise<{ count: number; aborted: boolean }> {
  const { paths, signal } = options
  const current = (file: FileState) => index.isCurrent(file)
  const facts = new SessionFacts(index.facts, ctx)
  const due = new DueSessions(indexPath(paths.data))
  const lookahead = new Lookahead(index, options.parseThreads ?? parseThreadCount())
  let count = 0
  try {
    for await (const batch of eachSessionBatch(options, ctx)) {
      count += batch.length
      const range = pathRange(batch)
      if (range !== null) index.prefetch(...range)
      for (const session of batch) {
        const sources = changedSources(session, ctx, current)
        const writes = [session.modifiedAt ?? 0, ...sources.map(({ modifiedAt }) => modifiedAt)]
        if (sources.length > 0 || !facts.has(session)) due.add(session, greatest(writes) ?? 0)
      }
      if (signal.aborted) return { count, aborted: true }
    }
    const groups = groupsOf(due, (session) => changedSources(session, ctx, current))
    for await (const { label, sources, session } of lookahead.through(groups)) {
      await read(label, sources, true)
      await facts.add(session)
      if (signal.aborted) return { count, aborted: true }
    }
    return { count, aborted: false }
  } finally {
    lookahead.close()
    due.close()
  }
}

/** The oldest session first: searches start with what was read last. */
function* groupsOf(
  due: DueSessions,
  sourcesOf: (session: FoundSession) => readonly IndexSource[],
): Generator<SourceGroup & { readonly session: FoundSession }> {
  for (const session of due.oldestFirst())
    yield { label: shortId(session.id) ?? "", sources: sourcesOf(session), session }
}

/** Files that were named in an earlier run, or are in homes that are not read now. */
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

/** The sessions in the clients' homes, in batches: there may be hundreds of thousands. */
export async function* eachSessionBatch(
  { agent, project }: SessionFilter,
  ctx: RunContext,
): AsyncGenerator<readonly FoundSession[]> {
  for await (const batch of storedSessions(ctx, agent)) yield batch.filter(mayBeInProject(project))
}

/** Longer names of folders are truncated by the client. */
const maxSlugLength = 200

/**
 * The client derives the name of a session's folder from its working directory, with `-` for anything but letters and
 * digits. Nothing is read for it, so that it may let pass a session of another folder.
 */
function mayBeInProject(project: ProjectFilter | null) {
  const slug = (text: string) => text.replace(/[^A-Za-z0-9]/g, "-").toLowerCase()
  const folders = project?.folders.map((folder) => `/${slug(folder).slice(0, maxSlugLength)}`) ?? []
  const wanted = project?.text == null ? folders : [slug(project.text)]
  return ({ transcript, rows, names = [] }: FoundSession) => {
    if (project === null) return true
    const folder = names.find(({ kind }) => kind === "folder")?.value
    const place = rows === undefined ? transcript : folder === undefined ? null : `/${slug(folder)}`
    return typeof place === "string" && wanted.some((each) => place.toLowerCase().includes(each))
  }
}
