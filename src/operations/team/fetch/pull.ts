import { RescueError } from "../../../domain/errors.ts"
import { type ProgressReporter, reportTo } from "../../../domain/progress.ts"
import { isInProject, type ProjectFilter } from "../../../domain/project-filter.ts"
import { hasIdPrefix, parseIdPrefix, shortId } from "../../../domain/session/session-id.ts"
import { ownerPrefix, type RemoteName } from "../../../domain/team/layout.ts"
import type { PluginRegistry } from "../../../pipeline/plugin-registry.ts"
import { archiverNamed } from "../../../pipeline/read-stored.ts"
import { receiveArchive } from "../../../rescue/archive/receive.ts"
import { readArchived } from "../../../rescue/catalog/saved-exports.ts"
import { lockExport } from "../../../rescue/io/lock.ts"
import { type Paths, pathsOf } from "../../../system/config/paths.ts"
import { makeFolders } from "../../../system/fs/durable.ts"
import { type Opener, openerFor } from "../encryption.ts"
import { listRemote, readCommit } from "../listing.ts"
import { appendAudit } from "../marks.ts"
import type { Remote } from "../remote.ts"
import { asRescueError, damagedRemote, isStoreError } from "../store-errors.ts"
import { type RemoteExport, readRemote } from "./incoming.ts"

/** `there`: this machine has it. */
interface PulledExport {
  readonly of: RemoteName
  readonly title: string | null
  readonly cwd: string | null
  readonly status: "pulled" | "there" | "failed"
  /** The archived file. */
  readonly path: string | null
  readonly error: RescueError | null
}

export interface PullReport {
  readonly place: string
  readonly exports: readonly PulledExport[]
  readonly interrupted: boolean
}

export interface PullOptions {
  readonly paths: Paths
  readonly plugins: PluginRegistry
  readonly signal: AbortSignal
  readonly reporter: ProgressReporter
  readonly warn: (message: string) => void
}

/** Which exports: of a session, by its id or the beginning of it; or of every session of a project. */
export type PullChoice = { readonly session: string } | { readonly project: ProjectFilter }

/** Fetches exports into the archive folder, each verified before it gets its name there. */
export async function pullAll(
  remote: Remote,
  choice: PullChoice & { readonly owner: string | null },
  options: PullOptions,
): Promise<PullReport> {
  const { paths, signal } = options
  const opener = openerFor(remote.settings, paths)
  const exports: PulledExport[] = []
  for (const of of await choose(remote, choice)) {
    if (signal.aborted) break
    try {
      const found = await readOne(remote, of, opener)
      const { cwd, title } = found.archive.manifest.session
      if ("project" in choice && !isInProject(cwd, choice.project)) continue
      exports.push({ of, title, cwd, error: null, ...(await pullOne(remote, of, { ...options, found })) })
    } catch (error) {
      if (
        signal.aborted ||
        (isStoreError(error) && exports.length === 0 && error.code === "STORE_UNAVAILABLE")
      )
        throw error
      exports.push({ of, title: null, cwd: null, status: "failed", path: null, error: asRescueError(error) })
    }
  }
  if (exports.length === 0 && !signal.aborted) throw nothingFound(choice)
  return { place: remote.place, exports, interrupted: signal.aborted }
}

/** The user's own first: a team may let nobody list the others'. */
async function choose(
  remote: Remote,
  choice: PullChoice & { readonly owner: string | null },
): Promise<readonly RemoteName[]> {
  const among = async (owner: string | null) => {
    const { commits } = await listRemote(remote, ownerPrefix(owner))
    if ("project" in choice) return commits
    const prefix = parseIdPrefix(choice.session)
    if (prefix === null)
      throw new RescueError(
        "USAGE",
        `"${choice.session}" is not a session id`,
        "give at least four digits of one, or --project",
      )
    const found = commits.filter(({ session }) => hasIdPrefix(session, prefix))
    const sessions = [...new Set(found.map(({ session }) => session))]
    if (sessions.length > 1)
      throw new RescueError(
        "AMBIGUOUS",
        `"${choice.session}" matches ${sessions.length} sessions:\n${sessions.join("\n")}`,
        "give more digits",
      )
    return found
  }
  if (choice.owner !== null) return among(choice.owner)
  const own = "project" in choice ? [] : await among(remote.owner)
  return own.length > 0 ? own : among(null)
}

/** Throws `DAMAGED` when it is not whole there. */
async function readOne(remote: Remote, of: RemoteName, opener: Opener): Promise<RemoteExport> {
  const commit = await readCommit(remote, of)
  if (commit === null) throw damagedRemote(`${of.name} was listed, and its commit is not there`)
  return readRemote(remote, of, { commit, opener })
}

async function pullOne(
  remote: Remote,
  of: RemoteName,
  { found, ...options }: PullOptions & { readonly found: RemoteExport },
): Promise<Pick<PulledExport, "status" | "path">> {
  const paths = pathsOf(options.paths, found.archive.manifest.session.agent)
  const here = readArchived(paths.archive, of.name)
  if (here !== null) {
    if (here.archive?.manifestSha256 === found.archive.record.manifestSha256)
      return { status: "there", path: here.path }
    throw damagedRemote(`another archive of ${of.name} is in ${paths.archive}: nothing was replaced`)
  }
  makeFolders(paths.pending, true)
  const lock = await lockExport(paths.pending, of.name)
  if (lock === null)
    throw new RescueError("REFUSED", `another run works on ${of.name}`, "try again when it is done")
  try {
    // whose it is must be known before it is here: `push` would send it as this owner's
    await appendAudit(paths, auditEntry(remote, of, "pull")) // safety: pull-noted-first
    try {
      const saved = await receiveFrom(of, found, { ...options, archive: paths.archive, keep: true })
      return { status: "pulled", path: saved?.path ?? null }
    } catch (error) {
      await appendAudit(paths, auditEntry(remote, of, "pull-failed")).catch(() => {})
      throw error
    }
  } finally {
    lock.release()
  }
}

function auditEntry({ place }: Remote, { owner, session, name }: RemoteName, act: string): object {
  return { at: new Date().toISOString(), act, place, owner, session, export: name }
}

/** Fetches everything and decodes it; with `keep`, it is in the archive afterwards. */
export async function receiveFrom(
  of: RemoteName,
  found: RemoteExport,
  options: Pick<PullOptions, "plugins" | "reporter" | "signal"> & {
    readonly archive: string
    readonly keep: boolean
  },
) {
  const { manifest, record } = found.archive
  const { plugin } = await archiverNamed(record.archiver, options.plugins)
  const bytes = record.stored.reduce((sum, { length }) => sum + length, 0)
  const decoded = manifest.files.reduce((sum, { length }) => sum + length, 0)
  options.reporter.begin(shortId(of.session) ?? of.name, bytes + decoded, manifest.session.title)
  try {
    return await receiveArchive(of.session, found.archive, {
      archive: options.archive,
      progress: reportTo(options.reporter, options.signal),
      receive: found.receive,
      decode: (source, file) => plugin.open(source, file, 0),
      keep: options.keep,
    })
  } finally {
    options.reporter.end()
  }
}

function nothingFound(choice: PullChoice): RescueError {
  const what = "session" in choice ? `no session "${choice.session}"` : "no session of that project"
  return new RescueError(
    "EXPORT_NOT_FOUND",
    `the team's archive has ${what}`,
    "see what there is: session-rescue verify --remote",
  )
}
