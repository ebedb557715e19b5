/** The footprint: all files that belong to a session. */
import {
  type Context,
  type DiskPath,
  diskPath,
  type FileStat,
  type FootprintFile,
  joinPath,
  outsidePath,
  parseUuid,
  pathBytes,
  pathKey,
  type SessionId,
  showPath,
  type Tie,
} from "session-rescue"
import { isFlatSubagent } from "../home/transcripts.ts"
import { isJob, jobsOf } from "./jobs.ts"
import { isOutput } from "./outputs.ts"
import { ownerByName, pathsNamedAfter } from "./paths-by-session.ts"
import { isPlan } from "./plans.ts"
import { flatSubagentsOf, namesOnce, todosOf } from "./shared-folders.ts"

/** Folders in the home with one subfolder per session. */
const perSession = ["file-history", "tasks", "session-env", "jobs", "image-cache", "uploads"]

/** Whose files, and what was seen of them when the session was found. */
export interface FootprintQuery {
  readonly home: string
  readonly id: SessionId
  readonly project: DiskPath | null
  readonly transcript: DiskPath | null
  /** The session may be growing, so the places its client is known to write to are read again. */
  readonly live: boolean
  /** A moment ago: it is not looked up again. null: it may have changed. */
  readonly asFound: {
    readonly stat: FileStat
    readonly hasFolder: boolean
    readonly hasFlat: boolean
  } | null
}

/**
 * All files that belong to one session alone, transcript first. Links are listed, not followed. Shared files
 * (history.jsonl, memory/) are not included.
 */
export function listFootprint(ctx: Context, query: FootprintQuery): readonly FootprintFile[] {
  const { home, id, project, transcript, live, asFound } = query
  const files: FootprintFile[] = []
  const seen = new Set<string>()
  const add = (path: DiskPath, tie?: Tie, known?: FileStat) => {
    const look = seen.has(pathKey(path)) ? null : (known ?? ctx.files.stat(path))
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
  if (transcript !== null) add(transcript, undefined, asFound?.stat)
  if (project !== null) {
    if (asFound?.hasFolder !== false) add(joinPath(project, id))
    if (asFound?.hasFlat !== false) for (const path of flatSubagentsOf(ctx, project, id, live)) add(path)
  }
  const mayHave = (folder: string, name: string) => live || namesOnce(ctx, `${home}/${folder}`).has(name)
  for (const folder of perSession) if (mayHave(folder, id)) add(`${home}/${folder}/${id}`)
  if (mayHave("debug", `${id}.txt`)) add(`${home}/debug/${id}.txt`)
  for (const path of todosOf(ctx, home, id, live)) add(path)
  for (const path of jobsOf(ctx, home, id, live)) add(path)
  for (const { path, isCopy } of pathsNamedAfter(ctx, home, id)) add(path, isCopy ? "copy" : undefined)
  return files
}

/** The inverse: whether a path relative to a home may belong to that session. */
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

/** Whether this version knows what the client stores there. */
export function isKnownPlace(relative: DiskPath): boolean {
  const [top = "", , third] = showPath(relative).split("/")
  return (
    ["projects", "debug", "todos", ...perSession].includes(top) && (top === "projects" || third === undefined)
  )
}

/** A file of another session to which a fork of it still refers. */
function isKeptFile(relative: string): boolean {
  const [top = "", second = "", third = "", fourth = "", fifth = "", ...deeper] = relative.split("/")
  if (top === "image-cache" || top === "uploads")
    return parseUuid(second) !== null && third !== "" && fourth === ""
  const inFolder = parseUuid(third) !== null && fourth === "tool-results" && fifth !== ""
  return top === "projects" && second !== "" && inFolder && deeper.length === 0
}

/**
 * The same path under another project folder; a path outside project folders, or of another session, is
 * returned unchanged.
 */
export function inProject(relative: DiskPath, id: SessionId, slug: string): DiskPath {
  if (!isOfSession(showPath(relative), id)) return relative
  const bytes = Buffer.from(pathBytes(relative))
  const end = bytes.indexOf("/", projects.length)
  if (end === -1 || !bytes.subarray(0, projects.length).equals(projects)) return relative
  return diskPath(Buffer.concat([projects, Buffer.from(slug), bytes.subarray(end)]))
}

const projects = Buffer.from("projects/")

/** Every path here is built by joining onto the home, so the home is always a prefix. */
export function relativeTo(home: string, path: DiskPath): DiskPath {
  const length = Buffer.byteLength(home) + 1
  return typeof path === "string" ? path.slice(home.length + 1) : path.subarray(length)
}
