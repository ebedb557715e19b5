import { type Context, type DiskPath, type FootprintFile, joinPath, type SessionId } from "session-rescue"
import { isFlatSubagent, ownerOfSubagent } from "./transcripts.ts"

/** Folders under the home that hold one folder a session. */
const perSession = ["file-history", "tasks", "session-env", "jobs"]

/**
 * Every file that belongs to one session alone, its transcript first. Links are listed, not followed. Shared
 * files (history.jsonl, memory/) are not part of it.
 */
export function listFootprint(
  ctx: Context,
  home: string,
  id: SessionId,
  project: DiskPath | null,
  transcript: DiskPath | null,
): readonly FootprintFile[] {
  const files: FootprintFile[] = []
  const add = (path: DiskPath) => {
    const look = ctx.files.look(path)
    if (look === null) return
    if (look.kind === "folder") {
      for (const name of ctx.files.names(path)) add(joinPath(path, name))
      return
    }
    const { kind, size, modifiedAt } = look
    files.push({ path, relative: relativeTo(home, path), kind, size: kind === "file" ? size : 0, modifiedAt })
  }
  if (transcript !== null) add(transcript)
  if (project !== null) {
    add(joinPath(project, id))
    for (const name of ctx.files.names(project)) {
      if (isFlatSubagent(name) && ownerOfSubagent(ctx, joinPath(project, name)) === id)
        add(joinPath(project, name))
    }
  }
  for (const folder of perSession) add(`${home}/${folder}/${id}`)
  add(`${home}/debug/${id}.txt`)
  for (const name of ctx.files.names(`${home}/todos`)) {
    if (typeof name === "string" && name.startsWith(id)) add(`${home}/todos/${name}`)
  }
  return files
}

/** All these paths are made by joining onto the home, so it is always a prefix. */
function relativeTo(home: string, path: DiskPath): DiskPath {
  const length = Buffer.byteLength(home) + 1
  return typeof path === "string" ? path.slice(home.length + 1) : path.subarray(length)
}
