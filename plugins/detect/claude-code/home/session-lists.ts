import { type Context, type DiskPath, joinPath } from "session-rescue"

/**
 * The files of a home in which something is left of sessions whose transcripts were purged: all prompts ever typed, and each
 * project's list of its sessions [public].
 */
export function sessionLists(ctx: Context, home: string): readonly { path: DiskPath; relative: DiskPath }[] {
  const lists = ctx.files.names(`${home}/projects`).flatMap((name) => {
    const path = joinPath(joinPath(`${home}/projects`, name), "sessions-index.json")
    return typeof name === "string" && ctx.files.stat(path)?.kind === "file"
      ? [{ path, relative: `projects/${name}/sessions-index.json` }]
      : []
  })
  return [{ path: `${home}/history.jsonl`, relative: "history.jsonl" }, ...lists]
}
