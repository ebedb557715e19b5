import { folderFilter } from "../../domain/project-filter.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { parseUuid } from "../../domain/session/session-id.ts"
import type { Filters, IndexReader } from "../../index/index.ts"
import type { RunContext } from "../../pipeline/run-context.ts"

export interface CallingSession {
  /** The folder of the calling session, or the current working folder. */
  readonly folder: string
  /** Parts of that session since its last prompt. */
  readonly currentTurn: ReadonlySet<number>
}

/**
 * The session in which a client runs this program, according to the environment; null outside of clients. `here`: the
 * working folder.
 */
export function callingSession(index: IndexReader, ctx: RunContext, here: string): CallingSession | null {
  const { CLAUDECODE, CLAUDE_CODE_SESSION_ID } = ctx.self.environment
  const session = parseUuid(CLAUDE_CODE_SESSION_ID)
  if (session === null && !CLAUDECODE) return null
  const { turn: currentTurn, folder } =
    session === null ? { turn: new Set<number>(), folder: null } : index.callerContext(session)
  const isBelow = folder !== null && `${here}/`.startsWith(`${folder.replace(/\/+$/, "")}/`)
  return { folder: isBelow ? folder : here, currentTurn }
}

/** The filters restricted to the caller's project, unless they name a project or a session. */
export function scopedTo(filters: Filters, { folder }: CallingSession): Filters | null {
  const { project, session } = filters
  return (project ?? session) === undefined ? { ...filters, project: folderFilter(folder) } : null
}

/** The current turns of the sessions from which a question comes: the question itself, and what is done to answer it. */
export function callersTurn(
  index: IndexReader,
  sessions: readonly Pick<FoundSession, "id">[],
): ReadonlySet<number> {
  return new Set(sessions.flatMap(({ id }) => (id === null ? [] : [...index.callerContext(id).turn])))
}
