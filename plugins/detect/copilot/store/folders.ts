/** The store: a folder for each session, `events.jsonl` in it, and a lock for each client that has it open. */
import {
  type Context,
  type FileStat,
  type Pid,
  parsePid,
  parseSessionId,
  type SessionId,
} from "session-rescue"
import { sessionsFolder } from "./homes.ts"
import { readWorkspace, type Workspace } from "./workspace.ts"

export interface SessionFolder {
  readonly id: SessionId
  readonly home: string
  /** Absolute; the session's folder, also where an older version left a single file. */
  readonly path: string
  /** null before the first message. */
  readonly transcript: { readonly path: string; readonly stat: FileStat } | null
  readonly workspace: Workspace
  /** The processes that locks name, alive or not. */
  readonly locks: readonly Lock[]
}

/** `inuse.PID.lock`, and `inuse.PID.hold`, which the client keeps open (1.0.102, observed). */
export interface Lock {
  readonly pid: Pid
  /** When it was made, milliseconds since 1970. */
  readonly at: number
  readonly hasHold: boolean
}

/** Every session of a home. Versions before the folders wrote `session-state/ID.jsonl` (public). */
export function readFolders(ctx: Context, home: string): readonly SessionFolder[] {
  const names = ctx.files.names(`${home}/${sessionsFolder}`).filter((name) => typeof name === "string")
  const folders = new Set(names)
  return names.flatMap((name) => {
    const single = /^(.+)\.jsonl$/.exec(name)?.[1]
    if (single !== undefined && folders.has(single)) return [] // made into a folder since
    const id = parseSessionId(single ?? name)
    return id === null ? [] : (readFolder(ctx, home, id, single !== undefined) ?? [])
  })
}

function readFolder(ctx: Context, home: string, id: SessionId, isSingle: boolean): SessionFolder | null {
  const path = `${home}/${sessionsFolder}/${id}`
  const events = isSingle ? `${path}.jsonl` : `${path}/events.jsonl`
  const stat = ctx.files.stat(events)
  const transcript = stat === null || stat.kind === "folder" ? null : { path: events, stat }
  if (isSingle)
    return transcript === null
      ? null
      : { id, home, path, transcript, workspace: readWorkspace(null), locks: [] }
  const names = ctx.files.names(path)
  if (names.length === 0) return null
  const workspace = readWorkspace(ctx.files.text(`${path}/workspace.yaml`, maxWorkspaceBytes))
  const holds = new Set(names)
  const locks = names.flatMap((name): Lock[] => {
    const pid = typeof name === "string" ? parsePid(/^inuse\.(\d+)\.lock$/.exec(name)?.[1] ?? "") : null
    const stat = pid === null ? null : ctx.files.stat(`${path}/inuse.${pid}.lock`)
    return pid === null || stat === null
      ? []
      : [{ pid, at: stat.modifiedAt, hasHold: holds.has(`inuse.${pid}.hold`) }]
  })
  return { id, home, path, transcript, workspace, locks }
}

const maxWorkspaceBytes = 1 << 20

/** Marks of clients, without content. */
export function isLock(name: string): boolean {
  return name === ".workspace-fork.lock" || /^inuse\.\d+\.(lock|hold)$/.test(name)
}
