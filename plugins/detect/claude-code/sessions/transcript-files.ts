import { type Context, type DiskPath, type FoundSession, joinPath } from "session-rescue"
import { relativeTo } from "../footprint/footprint.ts"
import { pathsNamedAfter } from "../footprint/paths-by-session.ts"
import { flatSubagentsOf } from "../footprint/shared-folders.ts"
import { detectDataOf } from "./to-session.ts"

/**
 * The transcripts of its subagents, in the session's own folder, or with 2.0 flat beside it; tool output that
 * was too long for the transcript; and the name the user gave it. All of it may also be in a second project
 * folder.
 */
export function transcriptFiles(found: FoundSession, ctx: Context) {
  const { project, hasFolder, hasFlat } = detectDataOf(found)
  const { id, home } = found
  if (project === null || id === null) return []
  const own = joinPath(project, id)
  const running = found.process !== null
  const others = pathsNamedAfter(ctx, home, id).flatMap(({ path, isCopy }) => {
    const isFolder =
      typeof path === "string" && path.endsWith(`/${id}`) && path.startsWith(`${home}/projects/`)
    return isCopy || !isFolder || path === own ? [] : [path]
  })
  if (!hasFolder && !hasFlat && !running && others.length === 0) return []
  const folders = hasFolder ? [own, ...others] : others
  const kept = folders.flatMap((folder) => [
    ...transcriptsBelow(ctx, joinPath(folder, "subagents")),
    ...toolResults(ctx, joinPath(folder, "tool-results")),
    ...namesIn(ctx, folder)
      .filter((name) => name === "custom-title.json")
      .map((name) => joinPath(folder, name)),
  ])
  const flat = flatSubagentsOf(ctx, project, id, running)
  return [...kept, ...flat].map((path) => ({ path, relative: relativeTo(home, path) }))
}

function toolResults(ctx: Context, folder: DiskPath): DiskPath[] {
  // an MCP server's answer in several pieces is kept as JSON (observed, 2.1.332)
  const texts = namesIn(ctx, folder).filter(
    (name) => typeof name === "string" && /\.(?:txt|json)$/.test(name),
  )
  return texts.map((name) => joinPath(folder, name))
}

/** 2.1 puts the transcripts of a workflow into folders of their own. */
function transcriptsBelow(ctx: Context, folder: DiskPath): DiskPath[] {
  return namesIn(ctx, folder).flatMap((name) => {
    const path = joinPath(folder, name)
    if (typeof name === "string" && name.endsWith(".jsonl")) return [path]
    return typeof name !== "string" || name.includes(".") ? [] : transcriptsBelow(ctx, path)
  })
}

/** Links are not followed: their targets are not part of the session. */
function namesIn(ctx: Context, folder: DiskPath): readonly DiskPath[] {
  const names = ctx.files.names(folder)
  return names.length === 0 || ctx.files.stat(folder)?.kind !== "folder" ? [] : names
}
