import { type Context, type DiskPath, joinPath, parseUuid, remembered, type SessionId } from "session-rescue"
import { isFlatSubagent, ownerOfSubagent } from "../home/transcripts.ts"

/** Files by owner (a session id or another key) in a folder shared by many sessions. */
type ByOwner = ReadonlyMap<string, readonly DiskPath[]>

/**
 * Such a folder is read once per run, not once per session: there may be thousands of both. It is read again
 * only for a session that may still write (`fresh`).
 */
const ownersKey = Symbol("files by owner, by shared folder")

const namesKey = Symbol("names, by folder")

/** The names in such a folder. */
export function namesOnce(ctx: Context, folder: DiskPath): ReadonlySet<DiskPath> {
  const folders = remembered(ctx, namesKey, () => new Map<DiskPath, ReadonlySet<DiskPath>>())
  let names = folders.get(folder)
  if (names === undefined) {
    names = new Set(ctx.files.names(folder))
    folders.set(folder, names)
  }
  return names
}

/** 2.0's subagents, flat beside the transcripts of a project; the owner is named inside each. */
export function flatSubagentsOf(
  ctx: Context,
  project: DiskPath,
  id: SessionId,
  fresh: boolean,
): readonly DiskPath[] {
  return filesOwnedBy(ctx, project, [id], fresh, (name) =>
    toList(isFlatSubagent(name) ? ownerOfSubagent(ctx, joinPath(project, name)) : null),
  )
}

/** 1.x's task lists, `todos/ID-agent-….json`. */
export function todosOf(ctx: Context, home: string, id: SessionId, fresh: boolean): readonly DiskPath[] {
  return filesOwnedBy(ctx, `${home}/todos`, [id], fresh, (name) =>
    toList(typeof name === "string" ? parseUuid(name.slice(0, 36)) : null),
  )
}

function toList(id: SessionId | null): readonly SessionId[] {
  return id === null ? [] : [id]
}

/** The files of any of `owners` in such a folder; `ownersOf` returns the owners of a name. */
export function filesOwnedBy(
  ctx: Context,
  folder: DiskPath,
  owners: readonly string[],
  fresh: boolean,
  ownersOf: (name: DiskPath) => readonly string[],
): readonly DiskPath[] {
  const folders = remembered(ctx, ownersKey, () => new Map<DiskPath, ByOwner>())
  let files = fresh ? undefined : folders.get(folder)
  if (files === undefined) {
    const found = new Map<string, DiskPath[]>()
    for (const name of ctx.files.names(folder)) {
      for (const owner of new Set(ownersOf(name))) {
        const others = found.get(owner)
        const path = joinPath(folder, name)
        if (others === undefined) found.set(owner, [path])
        else others.push(path)
      }
    }
    files = found
    folders.set(folder, files)
  }
  return files.size === 0 ? [] : owners.flatMap((owner) => files.get(owner) ?? [])
}
