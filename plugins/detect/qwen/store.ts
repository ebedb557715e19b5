/** The store: `projects/SLUG/chats/ID.jsonl`, and a registry of the clients in `sessions/PID.json`. */
import {
  type Context,
  existingHomes,
  type FileStat,
  fieldsOf,
  namedHomes,
  type Pid,
  parsePid,
  parseSessionId,
  type SessionId,
  textIn,
} from "session-rescue"

export const qwenHome = { homeVariable: "QWEN_HOME", homeFolder: ".qwen" } as const

/** Its own home, where QWEN_RUNTIME_DIR puts the sessions, and homes of the config that hold what only Qwen makes. */
export function qwenHomes(ctx: Context): string[] {
  const moved = ctx.self.environment.QWEN_RUNTIME_DIR
  const [own = "", ...more] = namedHomes(ctx, qwenHome, ["extension-store", "tip_history.json"])
  return [own, ...(moved?.startsWith("/") ? [moved.replace(/\/+$/, "")] : []), ...more]
}

export function knownHomes(ctx: Context): string[] {
  return existingHomes(ctx, qwenHomes(ctx))
}

export interface Chat {
  readonly id: SessionId
  readonly home: string
  readonly path: string
  /** Relative to the home. */
  readonly relative: string
  readonly stat: FileStat
}

export function readChats(ctx: Context, home: string): readonly Chat[] {
  return namesIn(ctx, `${home}/projects`).flatMap((slug) =>
    namesIn(ctx, `${home}/projects/${slug}/chats`).flatMap((name): Chat[] => {
      const id = parseSessionId(/^(.+)\.jsonl$/.exec(name)?.[1])
      const relative = `projects/${slug}/chats/${name}`
      const stat = id === null ? null : ctx.files.stat(`${home}/${relative}`)
      return id === null || stat === null || stat.kind === "folder"
        ? []
        : [{ id, home, path: `${home}/${relative}`, relative, stat }]
    }),
  )
}

function namesIn(ctx: Context, folder: string): readonly string[] {
  return ctx.files.names(folder).filter((name) => typeof name === "string")
}

/** An entry of the registry. It also holds a token for the client's socket, which is never read, copied or shown. */
export interface Registered {
  readonly pid: Pid
  readonly home: string
  readonly id: SessionId | null
  readonly cwd: string | null
  /** Boot id and start tick of its process (0.24.4, observed). */
  readonly procStart: string | null
  readonly startedAt: number | null
}

const maxEntryBytes = 1 << 16

export function readRegistry(ctx: Context, home: string): readonly Registered[] {
  return namesIn(ctx, `${home}/sessions`).flatMap((name): Registered[] => {
    const pid = parsePid(/^(\d+)\.json$/.exec(name)?.[1] ?? "")
    const text = pid === null ? null : ctx.files.text(`${home}/sessions/${name}`, maxEntryBytes)
    if (pid === null || text === null) return []
    const { sessionId, cwd, procStart, startedAt } = fieldsOf(parsed(text))
    const at = typeof startedAt === "number" ? startedAt : null
    return [
      {
        pid,
        home,
        id: parseSessionId(sessionId),
        cwd: textIn(cwd),
        procStart: textIn(procStart),
        startedAt: at,
      },
    ]
  })
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null // damaged, or just being written
  }
}

/** The chat, and what is named after it: `ID.runtime.json` and folders of subagents (0.24.4, observed). */
export function isOfChat(relative: string, id: SessionId): boolean {
  const [top, slug = "", chats, name = "", ...deeper] = relative.split("/")
  if (top !== "projects" || slug === "" || chats !== "chats") return false
  return name === id || (deeper.length === 0 && name.startsWith(`${id}.`))
}
