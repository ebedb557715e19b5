/** Client homes: transcripts and the other files of the client. */
import {
  type Context,
  type DiskPath,
  type FileStat,
  joinPath,
  parseUuid,
  type SessionId,
} from "session-rescue"

/** A transcript file, or a session's folder without a transcript. */
export interface StoredSession {
  readonly id: SessionId
  readonly home: string
  /** Its folder under projects/. */
  readonly project: DiskPath
  readonly transcript: DiskPath | null
  readonly size: number
  readonly modifiedAt: number | null
  readonly stat: FileStat | null
  /** The session has a folder (subagents, tool results) beside the transcript. */
  readonly hasFolder: boolean
  /** The project folder contains flat subagents of 2.0, of any session. */
  readonly hasFlat: boolean
}

const extension = ".jsonl"
/** At most this many sessions of a folder per batch. */
const maxBatch = 1000
const none = { transcript: null, size: 0, stat: null } as const

/** Lists the sessions of every project folder of a home, in batches; reads no transcript. */
export function* eachTranscript(ctx: Context, home: string): Generator<readonly StoredSession[]> {
  for (const project of projectFolders(ctx, home)) yield* inBatches(eachOfProject(ctx, home, project))
}

/** A linked project folder is followed unless its target is listed anyway. */
export function* projectFolders(ctx: Context, home: string): Generator<DiskPath> {
  const projects = `${home}/projects`
  const seen = new Set<string>()
  for (const name of ctx.files.names(projects)) {
    const project = joinPath(projects, name)
    const stat = ctx.files.stat(project)
    const real = stat?.kind === "link" && typeof project === "string" ? ctx.files.real(project) : null
    if (stat?.kind !== "folder" && real === null) continue
    if (real !== null && (seen.has(real) || real.startsWith(`${ctx.files.real(projects)}/`))) continue
    if (real !== null) seen.add(real)
    yield project
  }
}

function* inBatches(sessions: Iterable<StoredSession>): Generator<readonly StoredSession[]> {
  let batch: StoredSession[] = []
  for (const session of sessions) {
    batch.push(session)
    if (batch.length < maxBatch) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

function* eachOfProject(ctx: Context, home: string, project: DiskPath): Generator<StoredSession> {
  const names = ctx.files.names(project)
  const transcripts: string[] = []
  const folders = new Set<string>()
  const flat: string[] = []
  for (const name of names) {
    if (typeof name !== "string") continue
    if (!name.endsWith(".jsonl")) folders.add(name)
    else if (isFlatSubagent(name)) flat.push(name)
    else transcripts.push(name)
  }
  const hasFlat = flat.length > 0
  if (transcripts.length > maxBatch) transcripts.sort()
  for (const name of transcripts) {
    const transcript = joinPath(project, name)
    // a part of the path: the name itself is not kept
    const id = parseUuid(
      (typeof transcript === "string" ? transcript : name).slice(-name.length, -extension.length),
    )
    if (id === null) continue
    const stat = ctx.files.stat(transcript)
    if (stat === null || stat.kind === "folder") continue
    const { size, modifiedAt } = stat
    const hasFolder = folders.has(id)
    yield { id, home, project, transcript, size, modifiedAt, stat, hasFolder, hasFlat }
  }
  const known = new Set(folders.size === 0 && flat.length === 0 ? [] : transcripts)
  for (const name of folders) {
    const id = parseUuid(name)
    if (id === null || known.has(name + extension) || !holdsFiles(ctx, joinPath(project, name))) continue
    const modifiedAt = ctx.files.stat(joinPath(project, name))?.modifiedAt ?? null
    yield { ...none, id, home, project, modifiedAt, hasFolder: true, hasFlat }
  }
  if (flat.length > 0) yield* flatSubagents(ctx, home, project, flat, known)
}

/** Sessions of which only 2.0's flat `agent-<8 hex>.jsonl` files are left; their owner is named inside. */
function flatSubagents(
  ctx: Context,
  home: string,
  project: DiskPath,
  names: readonly string[],
  transcripts: ReadonlySet<string>,
): StoredSession[] {
  const owners = new Map<SessionId, number>()
  for (const name of names) {
    const path = joinPath(project, name)
    const owner = ownerOfSubagent(ctx, path)
    if (owner === null || transcripts.has(owner + extension)) continue
    owners.set(owner, Math.max(owners.get(owner) ?? 0, ctx.files.stat(path)?.modifiedAt ?? 0))
  }
  return [...owners].map(([id, modifiedAt]) => {
    return { ...none, id, home, project, modifiedAt, hasFolder: false, hasFlat: true }
  })
}

export function isFlatSubagent(name: DiskPath): name is string {
  return typeof name === "string" && name.startsWith("agent-") && /^agent-[0-9a-f]{6,40}\.jsonl$/.test(name)
}

/** The `sessionId` in a subagent's first record. */
export function ownerOfSubagent(ctx: Context, path: DiskPath): SessionId | null {
  const head = ctx.files.read(path, 0, 4096)
  const match = /"sessionId":"([0-9a-fA-F-]{36})"/.exec(
    head === null ? "" : Buffer.from(head).toString("latin1"),
  )
  return parseUuid(match?.[1])
}

function holdsFiles(ctx: Context, folder: DiskPath): boolean {
  if (ctx.files.stat(folder)?.kind !== "folder") return false
  return ctx.files.names(folder).some((name) => {
    const path = joinPath(folder, name)
    const kind = ctx.files.stat(path)?.kind
    return kind === "folder" ? holdsFiles(ctx, path) : kind !== undefined
  })
}
