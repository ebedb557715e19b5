import { type Context, type DiskPath, joinPath, parseSessionId, type SessionId } from "session-rescue"
import { isFlatSubagent, ownerOfSubagent } from "./transcripts.ts"

/** Files by the session they belong to, in a folder that many sessions share. */
export type ByOwner = ReadonlyMap<SessionId, readonly DiskPath[]>

/**
 * Such a folder is read once a run, not once a session: there may be thousands of both. Only for a session that
 * may still write is it read anew (`fresh`).
 */
const known = new WeakMap<Context, Map<DiskPath, ByOwner>>()

/** 2.0's subagents, flat beside the transcripts of a project; the owner is named inside each. */
export function flatSubagentsOf(
  ctx: Context,
  project: DiskPath,
  id: SessionId,
  fresh: boolean,
): readonly DiskPath[] {
  return owned(ctx, project, id, fresh, (name) =>
    isFlatSubagent(name) ? ownerOfSubagent(ctx, joinPath(project, name)) : null,
  )
}

/** 1.x's task lists, `todos/ID-agent-….json`. */
export function todosOf(ctx: Context, home: string, id: SessionId, fresh: boolean): readonly DiskPath[] {
  return owned(ctx, `${home}/todos`, id, fresh, (name) =>
    typeof name === "string" ? parseSessionId(name.slice(0, 36)) : null,
  )
}

function owned(
  ctx: Context,
  folder: DiskPath,
  id: SessionId,
  fresh: boolean,
  ownerOf: (name: DiskPath) => SessionId | null,
): readonly DiskPath[] {
  const folders = known.get(ctx) ?? new Map<DiskPath, ByOwner>()
  known.set(ctx, folders)
  let files = fresh ? undefined : folders.get(folder)
  if (files === undefined) {
    const pairs = ctx.files
      .names(folder)
      .map((name) => ({ owner: ownerOf(name), path: joinPath(folder, name) }))
    const groups = Map.groupBy(pairs, (pair) => pair.owner)
    files = new Map(
      [...groups].flatMap(([owner, each]) =>
        owner === null ? [] : [[owner, each.map((pair) => pair.path)]],
      ),
    )
    folders.set(folder, files)
  }
  return files.get(id) ?? []
}
