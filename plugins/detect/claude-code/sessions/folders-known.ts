import { type Context, type DiskPath, joinPath, readHead, remembered, showPath } from "session-rescue"
import { objectOf } from "../home/json.ts"
import { mayLeadTo, slugOf } from "../home/slug.ts"

/** The folder behind a project folder's name, and the source of that. */
export interface KnownFolder {
  readonly path: string
  readonly message: string
}

const maxNeighbours = 20
/** Bytes read of the prompt history, from its end. */
const maxHistoryBytes = 8 << 20
const maxConfigBytes = 64 << 20
/** The search stops after this many folders. */
const maxFoldersVisited = 2000

/** Needed for every session of a project folder whose own records do not name it: looked up once per run. */
const foldersKey = Symbol("folders known, by project folder")

/**
 * The folder behind a project folder's name, when the session's own records do not name it: it was moved, and
 * the project folder renamed with it. Several folders can share a name, so existing ones come first.
 */
export function findFolderOf(ctx: Context, home: string, project: DiskPath): KnownFolder | null {
  const known = remembered(ctx, foldersKey, () => new Map<DiskPath, KnownFolder | null>())
  const before = known.get(project)
  if (before !== undefined) return before
  const found = searchFolder({ ...ctx, files: ctx.files.quiet, cache: new Map() }, home, project) // others' files are not reported
  known.set(project, found)
  return found
}

function searchFolder(ctx: Context, home: string, project: DiskPath): KnownFolder | null {
  const slug = showPath(project).slice(showPath(project).lastIndexOf("/") + 1)
  let gone: KnownFolder | null = null
  for (const source of [foldersInNeighbours, foldersInConfig, foldersInHistory]) {
    for (const folder of source(ctx, home, project)) {
      if (slugOf(folder.path) !== slug) continue
      if (isFolder(ctx, folder.path)) return folder
      gone ??= folder
    }
  }
  return searchDisk(ctx, slug) ?? gone
}

/** Looks at some of the other sessions in that project folder. */
function* foldersInNeighbours(ctx: Context, _home: string, project: DiskPath): Generator<KnownFolder> {
  const names = ctx.files.names(project).filter((name) => typeof name === "string" && name.endsWith(".jsonl"))
  for (const name of names.slice(-maxNeighbours)) {
    const path = joinPath(project, name)
    const size = ctx.files.stat(path)?.size ?? 0
    const { records } = readHead(ctx, path, size, (head) => head.records.some(({ cwd }) => cwd !== undefined))
    const folders = records.flatMap(({ cwd }) => (typeof cwd === "string" ? [cwd] : []))
    for (const folder of new Set(folders))
      yield { path: folder, message: `${showPath(name)} beside it names it` }
  }
}

/** The client's own list of the folders it was used in, stored in the home, or beside `~/.claude`. */
function* foldersInConfig(ctx: Context, home: string): Generator<KnownFolder> {
  for (const path of [`${home}/.claude.json`, `${home.slice(0, home.lastIndexOf("/"))}/.claude.json`]) {
    const text = ctx.files.text(path, maxConfigBytes)
    try {
      const projects = objectOf(objectOf(JSON.parse(text ?? "null"))?.projects) ?? {}
      for (const folder of Object.keys(projects)) yield { path: folder, message: `${path} names it` }
    } catch {
      // partially written or damaged
    }
  }
}

function* foldersInHistory(ctx: Context, home: string): Generator<KnownFolder> {
  const path = `${home}/history.jsonl`
  const size = ctx.files.stat(path)?.size ?? 0
  const bytes = size === 0 ? null : ctx.files.read(path, Math.max(0, size - maxHistoryBytes), maxHistoryBytes)
  if (bytes === null) return
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString("utf8")
  for (const literal of new Set(text.match(/"project":"(?:[^"\\]|\\.)*"/g) ?? [])) {
    const folder: unknown = JSON.parse(`{${literal}}`).project
    if (typeof folder === "string") yield { path: folder, message: "history.jsonl names it" }
  }
}

/**
 * An existing folder that maps to that name: the client files by the name alone, so any such folder will do.
 */
function searchDisk(ctx: Context, slug: string): KnownFolder | null {
  let left = slug.startsWith("-") ? maxFoldersVisited : 0
  const below = (folder: string): string | null => {
    for (const name of ctx.files.names(folder === "" ? "/" : folder)) {
      const path = `${folder}/${showPath(name)}`
      if (typeof name !== "string" || !mayLeadTo(slug, path) || left-- <= 0) continue
      if (ctx.files.stat(path)?.kind !== "folder") continue // through a link the client is in another folder
      const found = slugOf(path) === slug ? path : below(path)
      if (found !== null) return found
    }
    return null
  }
  const path = left === 0 ? null : below("")
  return path === null ? null : { path, message: "it is the only folder there with a matching name" }
}

function isFolder(ctx: Context, path: string): boolean {
  return path.startsWith("/") && ctx.files.stat(path)?.kind === "folder"
}
