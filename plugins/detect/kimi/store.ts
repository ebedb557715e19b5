/** The store: `sessions/WD/ID/` with `state.json` and a wire for each agent; `workspaces.json` names the folders. */
import {
  type Context,
  type DiskPath,
  existingHomes,
  type FileStat,
  type FootprintFile,
  fieldsOf,
  joinPath,
  namedHomes,
  parseSessionId,
  type SessionId,
  textIn,
  timeIn,
} from "session-rescue"

export const kimiHome = { homeVariable: "KIMI_CODE_HOME", homeFolder: ".kimi-code" } as const

/** Its own home, and homes of the config that hold what only Kimi Code makes, whether they exist or not. */
export function kimiHomes(ctx: Context): string[] {
  return namedHomes(ctx, kimiHome, ["workspaces.json", "device_id"])
}

export function knownHomes(ctx: Context): string[] {
  return existingHomes(ctx, kimiHomes(ctx))
}

export interface SessionFolder {
  readonly id: SessionId
  readonly home: string
  /** `sessions/WD/ID`, relative to the home. */
  readonly relative: string
  /** The wire of the main agent. */
  readonly wire: { readonly path: string; readonly stat: FileStat } | null
  readonly cwd: string | null
  readonly title: string | null
  /** Milliseconds since 1970. */
  readonly createdAt: number | null
}

const mainWire = "agents/main/wire.jsonl"
const maxStateBytes = 1 << 20

export function readFolders(ctx: Context, home: string): readonly SessionFolder[] {
  const roots = fieldsOf(readJson(ctx, `${home}/workspaces.json`).workspaces)
  return namesIn(ctx, `${home}/sessions`).flatMap((folder) =>
    folder.startsWith(".")
      ? []
      : namesIn(ctx, `${home}/sessions/${folder}`).flatMap((name): SessionFolder[] => {
          const id = parseSessionId(name)
          return id === null || !name.startsWith("session_")
            ? []
            : [readFolder(ctx, { home, folder, id, root: textIn(fieldsOf(roots[folder]).root) })]
        }),
  )
}

interface Place {
  readonly home: string
  readonly folder: string
  readonly id: SessionId
  readonly root: string | null
}

function readFolder(ctx: Context, { home, folder, id, root }: Place): SessionFolder {
  const relative = `sessions/${folder}/${id}`
  const path = `${home}/${relative}/${mainWire}`
  const stat = ctx.files.stat(path)
  const state = readJson(ctx, `${home}/${relative}/state.json`)
  return {
    ...{ id, home, relative },
    wire: stat === null || stat.kind === "folder" ? null : { path, stat },
    cwd: textIn(state.cwd) ?? root,
    title: textIn(state.title),
    createdAt: timeIn(state.createdAt),
  }
}

/** What was rewritten just now, or is damaged, says nothing: the wire does. */
function readJson(ctx: Context, path: string) {
  try {
    return fieldsOf(JSON.parse(ctx.files.text(path, maxStateBytes) ?? "{}"))
  } catch {
    return {}
  }
}

function namesIn(ctx: Context, folder: string): readonly string[] {
  return ctx.files.names(folder).filter((name) => typeof name === "string")
}

const maxDepth = 16

/** All that is in the session's folder, the main wire first. */
export function listFootprint(ctx: Context, home: string, folder: string): readonly FootprintFile[] {
  const files = filesBelow(ctx, home, folder, 0)
  const isMain = ({ relative }: FootprintFile) => relative === `${folder}/${mainWire}`
  return [...files.filter(isMain), ...files.filter((file) => !isMain(file))]
}

function filesBelow(ctx: Context, home: string, folder: DiskPath, depth: number): readonly FootprintFile[] {
  return ctx.files.names(joinPath(home, folder)).flatMap((name): readonly FootprintFile[] => {
    const relative = joinPath(folder, name)
    const path = joinPath(home, relative)
    const stat = ctx.files.stat(path)
    if (stat === null) return []
    if (stat.kind === "folder") return depth === maxDepth ? [] : filesBelow(ctx, home, relative, depth + 1)
    const { kind, size, modifiedAt } = stat
    return [{ path, relative, kind, size: kind === "file" ? size : 0, modifiedAt }]
  })
}

/** Whether a path relative to a home is in the folder of a session. */
export function isOfSession(relative: string, id: SessionId): boolean {
  const [top, folder = "", name, ...deeper] = relative.split("/")
  return top === "sessions" && folder !== "" && !folder.startsWith(".") && name === id && deeper.length > 0
}
