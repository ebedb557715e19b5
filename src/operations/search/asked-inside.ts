import { parseSessionId } from "../../domain/session/session-id.ts"
import type { Filters, IndexReader } from "../../index/index.ts"
import type { RunContext } from "../../pipeline/run-context.ts"

export interface CallingSession {
  /** The folder of the session that asks, or where it stands now. */
  readonly folder: string
  /** What that session said since it was asked itself. */
  readonly currentTurn: ReadonlySet<number>
}

/**
 * Whether a client asks, on behalf of one of its sessions: it tells the programs that it runs. null: a person does.
 * `here`: the working folder.
 */
export function callingSession(index: IndexReader, ctx: RunContext, here: string): CallingSession | null {
  const { CLAUDECODE, CLAUDE_CODE_SESSION_ID } = ctx.self.environment
  const session = parseSessionId(CLAUDE_CODE_SESSION_ID)
  if (session === null && !CLAUDECODE) return null
  const { turn: currentTurn, folder } =
    session === null ? { turn: new Set<number>(), folder: null } : index.callerContext(session)
  const isBelow = folder !== null && `${here}/`.startsWith(`${folder.replace(/\/+$/, "")}/`)
  return { folder: isBelow ? folder : here, currentTurn }
}

/** A question is kept to the project of who asks, where it says nothing else. */
export function scopedTo(filters: Filters, { folder }: CallingSession): Filters | null {
  const { project, folder: named, session } = filters
  return (project ?? named ?? session) === undefined ? { ...filters, folder } : null
}
