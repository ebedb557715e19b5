import { type Context, type DiskPath, joinPath, remembered, type SessionId, uuidIn } from "session-rescue"
import { projectFolders } from "../home/transcripts.ts"

/** A path whose name contains a session's id. */
export interface NamedPath {
  readonly path: DiskPath
  /** Not a name the client uses: a copy made beside the transcript. */
  readonly isCopy: boolean
}

/**
 * Entries without session files here: created by a user or a plugin, or handled elsewhere with folders of
 * their own.
 */
const notSessions = new Set(
  ["agents", "bin", "commands", "hooks", "jobs", "local", "output-styles", "plugins", "projects"].concat([
    "remote",
    "routines",
    "rules",
    "sessions",
    "skills",
    "themes",
    "workflows",
  ]),
)

type ById = ReadonlyMap<SessionId, readonly NamedPath[]>
/** A home is read once per run, not once per session: there may be tens of thousands of sessions. */
const pathsKey = Symbol("names with a session's id, by home")

/**
 * The paths in a home whose name contains a session's id, except `ID.jsonl` and `ID` when only one project
 * folder has them: those are found directly. Includes folders that future clients may add.
 */
export function pathsNamedAfter(ctx: Context, home: string, id: SessionId): readonly NamedPath[] {
  return pathsBySession(ctx, home).get(id) ?? []
}

export function pathsBySession(ctx: Context, home: string): ById {
  const homes = remembered(ctx, pathsKey, () => new Map<string, ById>())
  const found = homes.get(home) ?? readNames(ctx, home)
  homes.set(home, found)
  return found
}

/**
 * The inverse: the session that owns a file of a home according to the names in its path; null when none
 * does.
 */
export function ownerByName(relative: string): SessionId | null {
  const parts = relative.split("/")
  const [top = ""] = parts
  const ids = parts.slice(0, 3).map(uuidIn)
  if (top === "projects") return parts[1] === "" ? null : (ids[2] ?? null)
  return notSessions.has(top) ? null : (ids.find((id) => id !== null) ?? null)
}

function readNames(ctx: Context, home: string): ById {
  const found = new Map<SessionId, NamedPath[]>()
  const add = (id: SessionId, path: DiskPath, isCopy: boolean) => {
    const others = found.get(id)
    if (others === undefined) found.set(id, [{ path, isCopy }])
    else others.push({ path, isCopy })
  }
  const isWanted = createFolderFilter(ctx)
  readProjects(ctx, home, isWanted, add)
  for (const name of ctx.files.names(home)) {
    const id = idIn(name)
    if (id !== null) add(id, joinPath(home, name), false)
    else if (typeof name === "string" && !notSessions.has(name))
      readFolder(ctx, joinPath(home, name), 2, isWanted, add)
  }
  return found
}

type Add = (id: SessionId, path: DiskPath, isCopy: boolean) => void

function readFolder(ctx: Context, folder: DiskPath, levels: number, isWanted: FolderFilter, add: Add): void {
  if (!isWanted(folder)) return
  for (const name of ctx.files.names(folder)) {
    const id = idIn(name)
    const path = joinPath(folder, name)
    if (id !== null) add(id, path, false)
    else if (levels > 1 && typeof name === "string" && !name.includes("."))
      readFolder(ctx, path, levels - 1, isWanted, add)
  }
}

/** A session may have parts in two project folders: it continued in a worktree, or its folder was renamed. */
function readProjects(ctx: Context, home: string, isWanted: FolderFilter, add: Add): void {
  const first = new Map<SessionId, DiskPath | null>() // null: both have been added
  for (const project of projectFolders(ctx, home)) {
    if (!isWanted(project)) continue
    for (const name of ctx.files.names(project)) {
      const id = idIn(name)
      if (id === null) continue
      if (name !== id && name !== `${id}.jsonl`) {
        add(id, joinPath(project, name), true)
        continue
      }
      const other = first.get(id)
      if (other === undefined) first.set(id, project)
      if (other === undefined || other === project) continue
      if (other !== null) for (const end of ["", ".jsonl"]) add(id, joinPath(other, id + end), false)
      first.set(id, null)
      add(id, joinPath(project, name), false)
    }
  }
}

/**
 * Whether a folder may hold session files. Our own data folder may be in the home, or be the home, and its exports
 * contain ids as well: a session that they belonged to would double with each export.
 */
type FolderFilter = (path: DiskPath) => boolean

/**
 * Excludes folders of other users (sudo), which are usually unreadable here; the session listing warns of
 * them once.
 */
function createFolderFilter(ctx: Context): FolderFilter {
  const real = ctx.files.real(ctx.paths.data)
  const data = real === null ? null : ctx.files.stat(real)
  return (path) => {
    if (isExportFolder(path)) return false
    const look = ctx.files.stat(path)
    if (look?.kind === "link")
      return typeof path !== "string" || real === null || ctx.files.real(path) !== real
    const isData = data !== null && look?.inode === data.inode && look.device === data.device
    return look?.kind === "folder" && !isData && [look.owner, 0].includes(ctx.self.uid)
  }
}

/** Wherever it is: a data folder that was used before counts, too. Projects are called after an absolute path. */
function isExportFolder(path: DiskPath): boolean {
  return typeof path === "string" && /\/sessions-export-(?:pending|archive)-[a-z0-9-]+$/.test(path)
}

function idIn(name: DiskPath): SessionId | null {
  return uuidIn(typeof name === "string" ? name : Buffer.from(name).toString("latin1"))
}
