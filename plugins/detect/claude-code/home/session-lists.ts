import { type Context, type DiskPath, joinPath } from "session-rescue"

/**
 * Shared files of a home with traces of sessions whose transcripts were purged: the prompt history, and each
 * project's session list [public].
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
