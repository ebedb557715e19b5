import { type Context, type DiskPath, type FoundSession, joinPath } from "session-rescue"
import { relativeTo } from "./footprint.ts"
import { hintsOf } from "./found.ts"
import { flatSubagentsOf } from "./shared-folders.ts"

/**
 * The subagents' transcripts, in the session's own folder, or with 2.0 flat beside it; tools' output that was too long for
 * the transcript; and the name that its owner gave it.
 */
export function conversations(found: FoundSession, ctx: Context) {
  const { project, hasFolder, hasFlat } = hintsOf(found)
  if (project === null || found.id === null) return []
  const folder = joinPath(project, found.id)
  const own = hasFolder
    ? [
        ...transcriptsBelow(ctx, joinPath(folder, "subagents")),
        ...toolResults(ctx, joinPath(folder, "tool-results")),
        ...namesIn(ctx, folder)
          .filter((name) => name === "custom-title.json")
          .map((name) => joinPath(folder, name)),
      ]
    : []
  const running = found.process !== null
  if (!hasFolder && !hasFlat && !running) return []
  const flat = flatSubagentsOf(ctx, project, found.id, running)
  return [...own, ...flat].map((path) => ({ path, relative: relativeTo(found.home, path) }))
}

function toolResults(ctx: Context, folder: DiskPath): DiskPath[] {
  // an answer of an MCP server in several pieces is kept as JSON (observed, 2.1.332)
  const texts = namesIn(ctx, folder).filter(
    (name) => typeof name === "string" && /\.(?:txt|json)$/.test(name),
  )
  return texts.map((name) => joinPath(folder, name))
}

/** 2.1 puts those of a workflow into folders of their own. */
function transcriptsBelow(ctx: Context, folder: DiskPath): DiskPath[] {
  return namesIn(ctx, folder).flatMap((name) => {
    const path = joinPath(folder, name)
    if (typeof name === "string" && name.endsWith(".jsonl")) return [path]
    return typeof name !== "string" || name.includes(".") ? [] : transcriptsBelow(ctx, path)
  })
}

/** A link is not followed: what is at its end is no part of the session. */
function namesIn(ctx: Context, folder: DiskPath): readonly DiskPath[] {
  const names = ctx.files.names(folder)
  return names.length === 0 || ctx.files.look(folder)?.kind !== "folder" ? [] : names
}
