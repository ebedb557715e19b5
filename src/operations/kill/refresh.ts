import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import type { RescueError } from "../../domain/errors.ts"
import { sameProcess } from "../../domain/session/pid.ts"
import { type FoundSession, sessionKey } from "../../domain/session/session.ts"
import { detectAll, examine } from "../../pipeline/detect.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { systemFiles } from "../../system/fs/files.ts"
import { toReadError } from "../../system/fs/io-errors.ts"
import { findCompanions, type LiveSession } from "./companions.ts"

export interface SessionSnapshot {
  readonly session: LiveSession
  /** Sessions that end with it, as they are now. */
  readonly companions: readonly LiveSession[]
  /** Every session there is, to tell later which are new. */
  readonly knownIdentities: ReadonlySet<string>
  /** The processes that hold them. */
  readonly sessionPids: ReadonlySet<number>
}

/**
 * What a process is now: since it was last looked at, the client may have written its first record or gone on in
 * another conversation (/clear). null when the process is a session no more. Throws where it seems to have
 * nothing on disk, but not all of its home could be read.
 */
export async function refreshSession(session: LiveSession, ctx: RunContext): Promise<SessionSnapshot | null> {
  const troubles: RescueError[] = []
  const files = systemFiles((path, error) => {
    if (showPath(path).startsWith(`${session.home}/`)) troubles.push(toReadError(error, path))
  })
  const looking = { ...freshContext(ctx), files }
  const all = await detectAll(looking, null)
  const own = all.filter((each) => each.process !== null && sameProcess(each.process, session.process))
  const found = own.find(({ id }) => id === session.id) ?? own[0] // one process may run several sessions
  if (found === undefined || found.process === null) return null
  const now = await examine(found, looking)
  if (now.footprint.length === 0 && troubles[0] !== undefined) throw troubles[0] // safety: unreadable-home
  const { state, detail, evidence, flags } = session
  const companions = await findCompanions({ ...found, process: found.process }, all, looking) // safety: companions
  const blind = companions.some(({ footprint }) => footprint.length === 0)
  if (blind && troubles[0] !== undefined) throw troubles[0]
  return {
    companions,
    session: { ...now, process: found.process, state, detail, evidence, flags },
    knownIdentities: new Set(all.flatMap(identitiesOf)),
    sessionPids: sessionPids(all),
  }
}

export function sessionPids(all: readonly FoundSession[]): ReadonlySet<number> {
  return new Set(all.flatMap(({ process }) => process?.pid ?? []))
}

/** The plain files, as they were named then, of all that would end. */
export function footprintFiles({
  session,
  companions,
}: Pick<SessionSnapshot, "session" | "companions">): readonly DiskPath[] {
  return [session, ...companions].flatMap(({ footprint }) =>
    footprint.filter((file) => file.kind === "file").map((file) => file.path),
  )
}

/** A session's place, or those it may have. */
export function identitiesOf(session: FoundSession): readonly string[] {
  return [session, ...session.candidates].map(sessionKey)
}
