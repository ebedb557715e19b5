import { randomInt } from "node:crypto"
import type { RescueError } from "../../../domain/errors.ts"
import type { ProgressReporter } from "../../../domain/progress.ts"
import { exportPrefix, ownerPrefix, type RemoteName } from "../../../domain/team/layout.ts"
import type { PluginRegistry } from "../../../pipeline/plugin-registry.ts"
import { type Paths, pathsOf } from "../../../system/config/paths.ts"
import { openerFor } from "../encryption.ts"
import { listRemote, readCommit } from "../listing.ts"
import type { Remote } from "../remote.ts"
import { asRescueError, damagedRemote, isStoreError } from "../store-errors.ts"
import { readRemote } from "./incoming.ts"
import { receiveFrom } from "./pull.ts"

/**
 * `whole`: every byte was read back, decoded and compared with the manifest. `listed`: the store says that every object
 * is there with its length, and its checksum where it knows one; nothing was read.
 */
interface RemoteVerdict {
  readonly of: RemoteName
  readonly title: string | null
  readonly state: "whole" | "listed" | "damaged" | "unread"
  readonly bytes: number
  readonly error: RescueError | null
}

export interface RemoteVerifyReport {
  readonly place: string
  readonly verified: readonly RemoteVerdict[]
  readonly interrupted: boolean
}

/** How many are read when not all are. */
const sampleSize = 3

export async function verifyRemote(
  remote: Remote,
  options: {
    readonly all: boolean
    readonly paths: Paths
    readonly plugins: PluginRegistry
    readonly reporter: ProgressReporter
    readonly signal: AbortSignal
  },
): Promise<RemoteVerifyReport> {
  const { commits } = await listRemote(remote, ownerPrefix(remote.owner))
  const opener = openerFor(remote.settings, options.paths)
  const toRead = options.all ? new Set(commits) : sampleOf(commits)
  const verified: RemoteVerdict[] = []
  for (const of of commits) {
    if (options.signal.aborted) break
    let bytes = 0
    try {
      const commit = await readCommit(remote, of)
      if (commit === null) throw damagedRemote(`${of.name} was listed, and its commit is not there`)
      bytes = commit.objects.reduce((sum, { length }) => sum + length, 0)
      for (const object of commit.objects) await checkListed(remote, of, object)
      if (!toRead.has(of)) {
        verified.push({ of, title: null, state: "listed", bytes, error: null })
        continue
      }
      const found = await readRemote(remote, of, { commit, opener })
      const { archive } = pathsOf(options.paths, found.archive.manifest.session.agent)
      await receiveFrom(of, found, { ...options, archive, keep: false })
      verified.push({ of, title: found.archive.manifest.session.title, state: "whole", bytes, error: null })
    } catch (thrown) {
      if (options.signal.aborted) break
      if (isStoreError(thrown) && thrown.code === "STORE_UNAVAILABLE") throw thrown
      const error = asRescueError(thrown)
      verified.push({ of, title: null, state: error.code === "DAMAGED" ? "damaged" : "unread", bytes, error })
    }
  }
  return { place: remote.place, verified, interrupted: options.signal.aborted }
}

async function checkListed(
  remote: Remote,
  of: RemoteName,
  object: { readonly name: string; readonly length: number; readonly sha256: string },
): Promise<void> {
  const name = exportPrefix(of) + object.name
  const found = await remote.head(name)
  if (found === null) throw damagedRemote(`${name} is not there`)
  if (found.length !== object.length)
    throw damagedRemote(`${name} has ${found.length} bytes there instead of ${object.length}`)
  if (found.sha256 !== null && found.sha256 !== object.sha256)
    throw damagedRemote(`${name} has another checksum there`)
}

function sampleOf(commits: readonly RemoteName[]): ReadonlySet<RemoteName> {
  const left = [...commits]
  const sample = new Set<RemoteName>()
  while (sample.size < sampleSize && left.length > 0) {
    const [one] = left.splice(randomInt(left.length), 1)
    if (one !== undefined) sample.add(one)
  }
  return sample
}
