/** The footprint of a session: its files and its subagents', and what is named after one of their ids. */
import { type Context, type FootprintFile, parseUuid, type SessionId } from "session-rescue"
import { type ChatFile, digitsIn, isDocument } from "./chats.ts"

/**
 * What the client keeps for a session beside its chats, below the folder's `tmp/SLUG` [public]: what it deletes with a
 * session. The prompts in `logs.json`, the checkpoints and `history/` are all sessions' of a folder, and are not saved.
 */
function sideFolders(id: string): readonly string[] {
  return [`tool-outputs/session-${id}`, `logs/session-${id}.jsonl`, id]
}

interface Owned {
  readonly slug: string
  readonly files: readonly ChatFile[]
  readonly subagents: readonly ChatFile[]
}

export function listFootprint(
  ctx: Context,
  home: string,
  id: SessionId,
  { slug, files, subagents }: Owned,
): readonly FootprintFile[] {
  if (slug === "") return []
  const own = [...files, ...subagents].flatMap(({ path, relative }) => fileAt(ctx, path, relative))
  const ids = [id, ...subagents.flatMap(({ relative }) => parseUuid(nameOf(relative)) ?? [])]
  const side = ids.flatMap((each) =>
    sideFolders(each).flatMap((place) => filesBelow(ctx, home, `tmp/${slug}/${place}`)),
  )
  // without it, a restored session is found only where its folder gets the same name again
  const root = fileAt(ctx, `${home}/tmp/${slug}/.project_root`, `tmp/${slug}/.project_root`)
  return [...own, ...side, ...root.map((file) => ({ ...file, tie: "kept" as const }))]
}

function fileAt(ctx: Context, path: string, relative: string): FootprintFile[] {
  const stat = ctx.files.stat(path)
  if (stat === null || stat.kind === "folder") return []
  const { kind, size, modifiedAt } = stat
  const store = isRewritten(relative) ? ({ store: "rewritten" } as const) : {}
  return [{ path, relative, kind, size: kind === "file" ? size : 0, modifiedAt, ...store }]
}

/** Documents of the old form: the client writes them whole each time. */
function isRewritten(relative: string): boolean {
  return isDocument(relative) && relative.split("/")[2] === "chats"
}

function filesBelow(ctx: Context, home: string, relative: string): FootprintFile[] {
  const path = `${home}/${relative}`
  const stat = ctx.files.stat(path)
  if (stat?.kind !== "folder") return fileAt(ctx, path, relative)
  return ctx.files
    .names(path)
    .flatMap((name) => (typeof name === "string" ? filesBelow(ctx, home, `${relative}/${name}`) : []))
}

/**
 * Whether a path relative to a home may belong to a session. What a subagent leaves is named after the subagent: which ones
 * a session has is recorded when it is saved.
 */
export function isOfChat(relative: string, id: SessionId, tie?: string): boolean {
  const [top, slug = "", place = "", name = "", ...deeper] = relative.split("/")
  if (top !== "tmp" || slug === "") return false
  if (place === ".project_root") return tie === "kept" && name === ""
  if (place === "chats") {
    const isOwnFile = deeper.length === 0 && digitsIn(name) === id.slice(0, 8).toLowerCase()
    return isOwnFile || (name === id && deeper.length === 1 && /\.jsonl?$/.test(deeper[0] ?? ""))
  }
  if (place === "tool-outputs" || place === "logs")
    return parseUuid(name.replace(/^session-/, "").replace(/\.jsonl$/, "")) !== null
  return parseUuid(place) !== null && name !== ""
}

/** The client takes two files of one id in a folder for a mistake, and deletes one of them (0.61.0, observed). */
export function soleFile(relative: string): string | null {
  const [top, slug, place, name = "", ...deeper] = relative.split("/")
  const digits = top === "tmp" && place === "chats" && deeper.length === 0 ? digitsIn(name) : null
  return digits === null ? null : `${slug} ${digits}`
}

function nameOf(relative: string): string {
  return relative.slice(relative.lastIndexOf("/") + 1).replace(/\.jsonl?$/, "")
}
