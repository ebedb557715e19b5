/** The footprint of a session: all that is in its folder, without the marks of the clients that have it open. */
import { type Context, type DiskPath, type FootprintFile, joinPath, type SessionId } from "session-rescue"
import { isLock, type SessionFolder } from "./folders.ts"
import { sessionsFolder } from "./homes.ts"

export function listFootprint(
  ctx: Context,
  { home, id, transcript }: Pick<SessionFolder, "home" | "id"> & { transcript: DiskPath | null },
): readonly FootprintFile[] {
  const folder = `${sessionsFolder}/${id}`
  const single = `${folder}.jsonl`
  const files = [...filesBelow(ctx, home, folder, 0), ...fileAt(ctx, home, single)]
  const isMain = ({ path }: FootprintFile) => path === transcript
  return [...files.filter(isMain), ...files.filter((file) => !isMain(file))]
}

const maxDepth = 32

function filesBelow(ctx: Context, home: string, folder: DiskPath, depth: number): readonly FootprintFile[] {
  return ctx.files.names(joinPath(home, folder)).flatMap((name): readonly FootprintFile[] => {
    if (depth === 0 && typeof name === "string" && isLock(name)) return []
    const relative = joinPath(folder, name)
    if (ctx.files.stat(joinPath(home, relative))?.kind !== "folder") return fileAt(ctx, home, relative)
    return depth === maxDepth ? [] : filesBelow(ctx, home, relative, depth + 1)
  })
}

function fileAt(ctx: Context, home: string, relative: DiskPath): readonly FootprintFile[] {
  const path = joinPath(home, relative)
  const stat = ctx.files.stat(path)
  if (stat === null || stat.kind === "folder") return []
  const { kind, size, modifiedAt } = stat
  return [{ path, relative, kind, size: kind === "file" ? size : 0, modifiedAt }]
}

/** Whether a path relative to a home belongs to a session. The mark of a client that has it open is never put back. */
export function isOfSession(relative: string, id: SessionId): boolean {
  if (relative === `${sessionsFolder}/${id}.jsonl`) return true
  const prefix = `${sessionsFolder}/${id}/`
  return relative.startsWith(prefix) && !isLock(relative.slice(prefix.length))
}

const emptyFolder = ["workspace.yaml", "checkpoints/index.md"]

/** What the client writes before anything was said (1.0.102, observed). */
export function isOfEmptyFolder(relative: DiskPath, id: SessionId): boolean {
  return emptyFolder.some((name) => relative === `${sessionsFolder}/${id}/${name}`)
}
