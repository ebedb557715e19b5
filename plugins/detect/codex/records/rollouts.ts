/** Rollouts: the files in which Codex keeps its threads, one JSON record a line. */
import { type Context, type FileStat, parseUuid, type SessionId } from "session-rescue"

/** One rollout file. */
export interface Rollout {
  readonly id: SessionId
  readonly path: string
  /** Relative to the home. */
  readonly relative: string
  readonly stat: FileStat
}

/** A thread that a person talks to, with the rollouts of its subagents. */
export interface Thread extends Rollout {
  readonly home: string
  /** The folder it was started in, from its first record. */
  readonly cwd: string | null
  readonly archived: boolean
  readonly subagents: readonly Rollout[]
}

const namePattern = /^rollout-\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d-([0-9a-f-]{36})\.jsonl$/

/** The id in the name of a rollout; null for any other file. */
export function threadIdIn(name: string): SessionId | null {
  return parseUuid(namePattern.exec(name)?.[1])
}

/** Every thread of a home, archived ones too; a subagent's rollout belongs to the thread that spawned it. */
export function readThreads(ctx: Context, home: string): readonly Thread[] {
  const files = [
    ...rolloutsBelow(ctx, home, "sessions", 3),
    ...rolloutsBelow(ctx, home, "archived_sessions", 0),
  ]
  const heads = files.map((file) => ({ file, ...readHeadOf(ctx, file) }))
  const known = new Set<string>(heads.flatMap(({ file, parent }) => (parent === null ? file.id : [])))
  const isSubagent = ({ parent }: { parent: SessionId | null }) => parent !== null && known.has(parent)
  const subagents = Map.groupBy(heads.filter(isSubagent), ({ parent }) => parent)
  return heads
    .filter((head) => !isSubagent(head))
    .map(({ file, cwd }) => ({
      ...file,
      home,
      cwd,
      archived: file.relative.startsWith("archived_sessions/"),
      subagents: (subagents.get(file.id) ?? []).map((each) => each.file),
    }))
}

/** `sessions/YYYY/MM/DD/` holds them, `archived_sessions/` is flat (0.98 and 0.171.0, observed). */
function rolloutsBelow(ctx: Context, home: string, folder: string, depth: number): readonly Rollout[] {
  return ctx.files.names(`${home}/${folder}`).flatMap((name): readonly Rollout[] => {
    if (typeof name !== "string") return []
    const relative = `${folder}/${name}`
    if (depth > 0) return /^\d{2,4}$/.test(name) ? rolloutsBelow(ctx, home, relative, depth - 1) : []
    const id = threadIdIn(name)
    const stat = id === null ? null : ctx.files.stat(`${home}/${relative}`)
    return id === null || stat === null || stat.kind === "folder"
      ? []
      : [{ id, path: `${home}/${relative}`, relative, stat }]
  })
}

/** The first record is long, but says at its beginning whose it is. */
const headBytes = 4096

function readHeadOf(ctx: Context, { path, id }: Rollout): { cwd: string | null; parent: SessionId | null } {
  const head = Buffer.from(ctx.files.read(path, 0, headBytes) ?? []).toString("utf8")
  const meta = /"type"\s*:\s*"session_meta"/.test(head) ? head : ""
  const text = (key: string) => {
    const raw = new RegExp(`"${key}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(meta)?.[1]
    return raw === undefined ? null : String(JSON.parse(raw))
  }
  const root = parseUuid(text("session_id"))
  const parent = parseUuid(text("parent_thread_id"))
  return { cwd: text("cwd"), parent: parent === null || root === id ? null : (root ?? parent) }
}
