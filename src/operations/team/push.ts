import { RescueError } from "../../domain/errors.ts"
import type { ProgressReporter } from "../../domain/progress.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { newCommit } from "../../domain/team/commit.ts"
import { commitName, exportPrefix, ownerPrefix, type RemoteName } from "../../domain/team/layout.ts"
import { version } from "../../domain/version.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type Candidate, type Candidates, findCandidates } from "./candidates.ts"
import { sealFor } from "./encryption.ts"
import { listRemote, objectsOf, type RemoteListing, readCommit, remoteSessionKey } from "./listing.ts"
import { type LocalObject, openLocalArchive } from "./local-objects.ts"
import { readMark } from "./marks.ts"
import { markPushed, noteForgotten, notePushed } from "./noted.ts"
import { proveStored } from "./prove.ts"
import { objectOf, type Remote } from "./remote.ts"
import { isForgotten, takeBack } from "./remove.ts"
import { asRescueError, conflictOf, damagedRemote, isStoreError } from "./store-errors.ts"
import { leaveTrail } from "./trail.ts"

/**
 * `there`: pushed before, and the store has its commit. `later`: the store does not answer now; nothing is lost.
 * `refused`: the store says no. `conflict`: something else has its name there. `forgotten`: it has a tombstone.
 */
export type PushStatus =
  | "pushed"
  | "there"
  | "would-push"
  | "later"
  | "refused"
  | "conflict"
  | "forgotten"
  | "failed"

interface PushedExport {
  readonly candidate: Candidate
  readonly status: PushStatus
  readonly error: RescueError | null
}

export interface PushReport {
  readonly place: string
  readonly owner: string
  readonly encrypted: boolean
  readonly exports: readonly PushedExport[]
  readonly kept: Candidates["kept"]
  /** Why it stopped before it came to all of them. */
  readonly stopped: RescueError | null
  readonly interrupted: boolean
}

export interface PushOptions {
  readonly paths: Paths
  readonly signal: AbortSignal
  readonly reporter: ProgressReporter
  readonly warn: (message: string) => void
  readonly dryRun: boolean
}

/**
 * Sends what the store does not have yet, oldest first: each export's files, then its commit. A failure of one does not
 * stop the others; a store that does not answer, or says no, does. Nothing is counted: the next push begins again.
 */
export async function pushAll(remote: Remote, options: PushOptions): Promise<PushReport> {
  const { chosen, kept } = findCandidates(options.paths, remote.settings)
  const run = new PushRun(remote, options)
  await run.work(chosen)
  return {
    place: remote.place,
    owner: remote.owner,
    encrypted: remote.settings.recipients.length > 0,
    exports: run.exports,
    kept,
    stopped: run.stopped,
    interrupted: options.signal.aborted,
  }
}

type Add = (status: PushStatus, error?: RescueError | null) => void

class PushRun {
  readonly exports: PushedExport[] = []
  stopped: RescueError | null = null
  readonly #remote: Remote
  readonly #options: PushOptions
  readonly #seal: (object: LocalObject) => Promise<LocalObject>

  constructor(remote: Remote, options: PushOptions) {
    this.#remote = remote
    this.#options = options
    this.#seal = sealFor(remote.settings.recipients, options.paths)
  }

  async work(chosen: readonly Candidate[]): Promise<void> {
    const { signal, dryRun } = this.#options
    const listing = chosen.length === 0 ? null : await this.#list()
    const committed = new Set(listing?.commits.map(({ name }) => name))
    for (const candidate of chosen) {
      if (signal.aborted) return
      const add: Add = (status, error = null) => void this.exports.push({ candidate, status, error })
      if (this.stopped !== null || listing === null)
        add(this.stopped?.code === "STORE_REFUSED" ? "refused" : "later")
      else if (listing.forgotten.has(remoteSessionKey(this.#remote.owner, candidate.session)))
        await this.#forgotten(candidate, listing, add)
      else {
        try {
          if (committed.has(candidate.name)) add(await this.#compare(candidate))
          else add(dryRun ? "would-push" : await this.#push(candidate))
        } catch (error) {
          if (signal.aborted) return
          this.#fail(error, add)
        }
      }
    }
    if (!dryRun) await noteForgotten(this.#remote, this.exports, this.#options)
    if (this.exports.some(({ status }) => status === "pushed")) await this.#leaveTrail()
  }

  async #list() {
    try {
      return await listRemote(this.#remote, ownerPrefix(this.#remote.owner))
    } catch (error) {
      if (!isStoreError(error)) throw error
      this.stopped = error
      return null
    }
  }

  #fail(thrown: unknown, add: Add): void {
    const error = asRescueError(thrown)
    const { code } = error
    if (isStoreError(error)) this.stopped = error
    const known: Partial<Record<typeof code, PushStatus>> = {
      STORE_CONFLICT: "conflict",
      STORE_REFUSED: "refused",
      STORE_UNAVAILABLE: "later",
    }
    add(known[code] ?? "failed", error)
  }

  /** The store has a commit of that name: is it of the same archive? */
  async #compare(candidate: Candidate): Promise<PushStatus> {
    const { paths, signal, dryRun } = this.#options
    const mark = readMark(paths, this.#remote.key, candidate.name)
    const { recordSha256 } = openLocalArchive(candidate, signal)
    if (mark?.recordSha256 === recordSha256) return "there"
    const commit = await readCommit(this.#remote, remoteNameOf(this.#remote, candidate))
    if (commit === null)
      throw new RescueError(
        "STORE_UNAVAILABLE",
        `${candidate.name} was listed, and is not there`,
        "run it again",
      )
    // safety: push-same-archive
    if (commit.recordSha256 !== recordSha256) throw conflictOf(candidate)
    if (!dryRun) await markPushed(this.#remote, candidate, { ...this.#options, recordSha256 })
    return "there"
  }

  async #push(candidate: Candidate): Promise<PushStatus> {
    const { signal, reporter } = this.#options
    const remote = this.#remote
    const of = remoteNameOf(remote, candidate)
    const local = openLocalArchive(candidate, signal)
    reporter.begin(
      shortId(candidate.session) ?? candidate.name,
      local.record.stored.reduce((sum, { length }) => sum + length, 0),
      candidate.title,
    )
    const objects: { name: string; length: number; sha256: string }[] = []
    try {
      for (const open of local.parts) {
        const object = await this.#seal(await open())
        try {
          const name = `${exportPrefix(of)}${object.name}`
          const was = await remote.put(name, object)
          await proveStored(remote, name, object, was) // safety: push-proved
          objects.push({ name: object.name, length: object.length, sha256: object.sha256 })
          reporter.advance(object.length)
        } finally {
          object.close()
        }
        if (signal.aborted) throw new RescueError("INTERRUPTED", "interrupted", "run it again for the rest")
      }
      if (!(await isForgotten(remote, of.session))) {
        await this.#commit(candidate, of, { objects, recordSha256: local.recordSha256 })
        // `forget` writes its tombstone, then lists: the tombstone is found here, or the commit there
        // safety: push-tombstone-after
        if (!(await isForgotten(remote, of.session))) {
          await notePushed(remote, candidate, { ...this.#options, recordSha256: local.recordSha256 })
          return "pushed"
        }
      }
      await takeBack(remote, [commitName(of), ...objects.map(({ name }) => exportPrefix(of) + name)])
      return "forgotten"
    } finally {
      reporter.end()
    }
  }

  async #commit(
    candidate: Candidate,
    of: RemoteName,
    facts: {
      readonly objects: { name: string; length: number; sha256: string }[]
      readonly recordSha256: string
    },
  ): Promise<void> {
    const remote = this.#remote
    const commit = newCommit({
      tool: { name: "session-rescue", version },
      owner: of.owner,
      session: of.session,
      export: of.name,
      pushedAt: new Date().toISOString(),
      encryption: remote.settings.recipients.length > 0 ? "age" : null,
      ...facts,
    })
    const bytes = Buffer.from(`${JSON.stringify(commit, null, 2)}\n`)
    const was = await remote.put(commitName(of), objectOf(bytes))
    const found = await readCommit(remote, of)
    if (found === null) throw damagedRemote(`${commitName(of)} was sent, and is not there`)
    // another machine may have committed the same archive since
    if (found.recordSha256 !== facts.recordSha256) throw conflictOf(candidate)
    if (was === "stored" && !Bun.deepEquals(found, commit)) throw conflictOf(candidate)
  }

  /** Removes what a push that was killed, or an older version, left of a session that was forgotten since. */
  async #forgotten(candidate: Candidate, listing: RemoteListing, add: Add): Promise<void> {
    const left = objectsOf(listing, this.#remote.owner, candidate.session)
    try {
      if (!this.#options.dryRun) await takeBack(this.#remote, left)
      add("forgotten")
    } catch (error) {
      this.#fail(error, add)
    }
  }

  async #leaveTrail(): Promise<void> {
    const exports = this.exports.flatMap(({ candidate, status }) =>
      status === "pushed" ? [candidate.name] : [],
    )
    await leaveTrail(this.#remote, { act: "push", exports }, this.#options.warn)
  }
}

function remoteNameOf({ owner }: Remote, { session, name }: Candidate): RemoteName {
  return { owner, session, name }
}
