import {
  type Context,
  type DiskPath,
  diskPath,
  type FootprintFile,
  joinPath,
  outsidePath,
  parseSessionId,
  pathBytes,
  pathKey,
  type SessionId,
  showPath,
  type Tie,
} from "session-rescue"
import { isFlatSubagent } from "../home/transcripts.ts"
import { isJob, jobsOf } from "./jobs.ts"
import { ownerByName, pathsNamedAfter } from "./named.ts"
import { isOutput } from "./outputs.ts"
import { isPlan } from "./plans.ts"
import { flatSubagentsOf, todosOf } from "./shared-folders.ts"

/** Folders under the home that hold one folder a session. */
const perSession = ["file-history", "tasks", "session-env", "jobs", "image-cache", "uploads"]

/**
 * Every file that belongs to one session alone, its transcript first. Links are listed, not followed. Shared
 * files (history.jsonl, memory/) are not part of it. `live`: it may be growing right now, so the places that its client
 * is known to write to are looked at anew.
 */
export function listFootprint(
  ctx: Context,
  home: string,
  id: SessionId,
  project: DiskPath | null,
  transcript: DiskPath | null,
  live: boolean,
): readonly FootprintFile[] {
  const files: FootprintFile[] = []
  const seen = new Set<string>()
  const add = (path: DiskPath, tie?: Tie) => {
    const look = seen.has(pathKey(path)) ? null : ctx.files.stat(path)
    if (look === null) return
    seen.add(pathKey(path))
    if (look.kind === "folder") {
      for (const name of ctx.files.names(path)) add(joinPath(path, name), tie)
      return
    }
    const { kind, size, modifiedAt } = look
    const file = {
      path,
      relative: relativeTo(home, path),
      kind,
      size: kind === "file" ? size : 0,
      modifiedAt,
    }
    files.push(tie === undefined ? file : { ...file, tie })
  }
  if (transcript !== null) add(transcript)
  if (project !== null) {
    add(joinPath(project, id))
    for (const path of flatSubagentsOf(ctx, project, id, live)) add(path)
  }
  for (const folder of perSession) add(`${home}/${folder}/${id}`)
  add(`${home}/debug/${id}.txt`)
  for (const path of todosOf(ctx, home, id, live)) add(path)
  for (const path of jobsOf(ctx, home, id, live)) add(path)
  for (const { path, isCopy } of pathsNamedAfter(ctx, home, id)) add(path, isCopy ? "copy" : undefined)
  return files
}

/** The same places, the other way round: whether a path relative to a home may be one of that session. */
export function isOfSession(relative: string, id: SessionId, tie?: string): boolean {
  const outside = outsidePath(relative)
  if (outside !== null) return tie === "output" && isOutput(outside)
  const [top = "", second = "", third = "", ...deeper] = relative.split("/")
  if (top === "projects" && second !== "" && deeper.length === 0 && isFlatSubagent(third)) return true
  if (top === "jobs") return (isJob(second) && third !== "") || second === id
  if (tie === "plan") return top === "plans" && isPlan(second) && third === ""
  if (tie === "kept" && isKeptFile(relative)) return true
  return ownerByName(relative) === id
}

/** Whether this version knows what the client keeps there. */
export function isKnownPlace(relative: DiskPath): boolean {
  const [top = "", , third] = showPath(relative).split("/")
  return (
    ["projects", "debug", "todos", ...perSession].includes(top) && (top === "projects" || third === undefined)
  )
}

/** What another session keeps and a fork of it goes on pointing to. */
function isKeptFile(relative: string): boolean {
  const [top = "", second = "", third = "", fourth = "", fifth = "", ...deeper] = relative.split("/")
  if (top === "image-cache" || top === "uploads")
    return parseSessionId(second) !== null && third !== "" && fourth === ""
  const inFolder = parseSessionId(third) !== null && fourth === "tool-results" && fifth !== ""
  return top === "projects" && second !== "" && inFolder && deeper.length === 0
}

/** The same place under another project folder; what lies in none, or is another session's, stays where it is. */
export function inProject(relative: DiskPath, id: SessionId, slug: string): DiskPath {
  if (!isOfSession(showPath(relative), id)) return relative
  const bytes = Buffer.from(pathBytes(relative))
  const end = bytes.indexOf("/", projects.length)
  if (end === -1 || !bytes.subarray(0, projects.length).equals(projects)) return relative
  return diskPath(Buffer.concat([projects, Buffer.from(slug), bytes.subarray(end)]))
}

const projects = Buffer.from("projects/")

/** All these paths are made by joining onto the home, so it is always a prefix. */
export function relativeTo(home: string, path: DiskPath): DiskPath {
  const length = Buffer.byteLength(home) + 1
  return typeof path === "string" ? path.slice(home.length + 1) : path.subarray(length)
}
