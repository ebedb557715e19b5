import { type PushCommit, parseCommit } from "../../domain/team/commit.ts"
import { commitName, parseObjectName, type RemoteName } from "../../domain/team/layout.ts"
import type { Remote } from "./remote.ts"
import { damagedRemote } from "./store-errors.ts"

/** What a team's archive holds below a prefix. */
export interface RemoteListing {
  /** Exports with a commit, newest first. */
  readonly commits: readonly RemoteName[]
  /** `owner/session` of each session with a tombstone. */
  readonly forgotten: ReadonlySet<string>
  /** Every object's name, by `owner/session`. */
  readonly objects: ReadonlyMap<string, readonly string[]>
}

export async function listRemote(remote: Remote, prefix: string): Promise<RemoteListing> {
  const commits: RemoteName[] = []
  const forgotten = new Set<string>()
  const objects = new Map<string, string[]>()
  for await (const page of remote.list(prefix)) {
    for (const { name } of page) {
      const found = parseObjectName(name)
      if (found === null) continue
      const { owner, session } = found.kind === "tombstone" ? found : found.remote
      const key = remoteSessionKey(owner, session)
      if (found.kind === "tombstone") forgotten.add(key)
      else objects.set(key, [...(objects.get(key) ?? []), name])
      if (found.kind === "commit") commits.push(found.remote)
    }
  }
  return { commits: commits.toSorted((a, b) => (a.name < b.name ? 1 : -1)), forgotten, objects }
}

export function remoteSessionKey(owner: string, session: string): string {
  return `${owner}/${session}`
}

/** Every object of a session, the commits first: without them nothing of it counts as pushed. */
export function objectsOf({ objects }: RemoteListing, owner: string, session: string): readonly string[] {
  const all = objects.get(remoteSessionKey(owner, session)) ?? []
  const isCommit = (name: string) => parseObjectName(name)?.kind === "commit"
  return [...all.filter(isCommit), ...all.filter((name) => !isCommit(name))]
}

const maxCommitBytes = 16 << 20

/** null when there is none. Throws `DAMAGED` when it is not a commit of this export. */
export async function readCommit(remote: Remote, of: RemoteName): Promise<PushCommit | null> {
  const bytes = await remote.readSmall(commitName(of), maxCommitBytes)
  if (bytes === null) return null
  const commit = parseCommit(bytes.toString())
  const isOfThis =
    commit !== null && commit.owner === of.owner && commit.session === of.session && commit.export === of.name
  if (!isOfThis) throw damagedRemote(`${commitName(of)} cannot be read, or is of another export`)
  return commit
}
