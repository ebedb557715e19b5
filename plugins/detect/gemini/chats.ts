/** Chats: the files in which Gemini CLI keeps its sessions, in one folder for each folder it is started in. */
import { type Context, type FileStat, parseUuid, type SessionId } from "session-rescue"
import { type Project, readProjects } from "./projects.ts"

/** One file of a conversation: JSON lines, or, before 0.4x, one JSON document that is rewritten whole. */
export interface ChatFile {
  readonly path: string
  /** Relative to the home. */
  readonly relative: string
  readonly stat: FileStat
  /** The id that its first record names. A file that was deleted while its client ran begins anywhere, without it. */
  readonly headId: SessionId | null
  readonly startedAt: number | null
  readonly isSubagent: boolean
}

/** A session: every file with its id, the one with most of the conversation first, and those of its subagents. */
export interface Chat {
  readonly id: SessionId
  /** Whether a file names the whole id; else only its first eight digits are known. */
  readonly isNamed: boolean
  readonly home: string
  readonly project: Project
  readonly files: readonly ChatFile[]
  readonly subagents: readonly ChatFile[]
}

/** `session-2026-01-31T23-59-0123abcd.jsonl`: the minute it was made, and the first eight digits of its id. */
const namePattern = /^session-\d{4}-\d\d-\d\dT\d\d-\d\d-([0-9a-f]{8})\.jsonl?$/i

export function digitsIn(name: string): string | null {
  return namePattern.exec(name)?.[1]?.toLowerCase() ?? null
}

/** Every session of a home. `folders`: where its clients run, for folders that are known by their sum only. */
export function readChats(ctx: Context, home: string, folders: readonly string[] = []): readonly Chat[] {
  return readProjects(ctx, home, folders).flatMap((project) => chatsOf(ctx, home, project))
}

function chatsOf(ctx: Context, home: string, project: Project): readonly Chat[] {
  const folder = `tmp/${project.slug}/chats`
  const names = ctx.files.names(`${home}/${folder}`).filter((name) => typeof name === "string")
  const own = names.flatMap((name): [string, ChatFile][] => {
    const digits = digitsIn(name)
    const file = digits === null ? null : readFile(ctx, home, `${folder}/${name}`)
    return digits === null || file === null ? [] : [[digits, file]]
  })
  const parents = names.flatMap((name) => parseUuid(name) ?? [])
  const known = [...own.flatMap(([, { headId }]) => headId ?? []), ...parents]
  const groups = new Map<SessionId, ChatFile[]>(parents.map((id) => [id, []]))
  const unnamed = new Set<SessionId>()
  for (const [digits, file] of own) {
    const named = file.headId ?? known.find((each) => each.toLowerCase().startsWith(digits)) ?? null
    const id = named ?? idFromTraces(ctx, home, project, digits) ?? idOfDigits(digits)
    if (named === null && id === idOfDigits(digits)) unnamed.add(id)
    groups.set(id, [...(groups.get(id) ?? []), file])
  }
  return [...groups].flatMap(([id, files]): Chat[] => {
    const subagents = parents.includes(id) ? subagentsIn(ctx, home, `${folder}/${id}`) : []
    if (files.length + subagents.length === 0) return []
    const isNamed = !unnamed.has(id)
    return [{ id, isNamed, home, project, files: files.toSorted(byContent), subagents }]
  })
}

/** A resumed session of the old form goes on in a `.jsonl` beside the document; of several, the largest holds most. */
function byContent(a: ChatFile, b: ChatFile): number {
  return Number(isDocument(a.path)) - Number(isDocument(b.path)) || b.stat.size - a.stat.size
}

export function isDocument(path: string): boolean {
  return path.endsWith(".json")
}

/** A subagent's file is named after its own id, in a folder named after its session's (0.61.0, observed). */
function subagentsIn(ctx: Context, home: string, folder: string): readonly ChatFile[] {
  return ctx.files.names(`${home}/${folder}`).flatMap((name) => {
    if (typeof name !== "string" || !/\.jsonl?$/.test(name)) return []
    return readFile(ctx, home, `${folder}/${name}`) ?? []
  })
}

/** The first record says whose it is; it is short. */
const headBytes = 2048

function readFile(ctx: Context, home: string, relative: string): ChatFile | null {
  const path = `${home}/${relative}`
  const stat = ctx.files.stat(path)
  if (stat === null || stat.kind === "folder") return null
  const bytes = stat.kind === "file" ? ctx.files.read(path, 0, headBytes) : null
  const head = Buffer.from(bytes ?? []).toString("utf8")
  const record = /^\s*\{\s*"(sessionId|projectHash)"/.test(head) ? head : ""
  const text = (key: string) => new RegExp(`"${key}"\\s*:\\s*"([^"\\\\]*)"`).exec(record)?.[1]
  const at = Date.parse(text("startTime") ?? "")
  return {
    path,
    relative,
    stat,
    headId: parseUuid(text("sessionId")),
    startedAt: Number.isNaN(at) ? null : at,
    isSubagent: text("kind") === "subagent",
  }
}

const maxLogBytes = 64 << 20

/** The whole id to its first digits, from the prompts that the folder's sessions share, and the names of tool outputs. */
function idFromTraces(ctx: Context, home: string, { slug }: Project, digits: string): SessionId | null {
  const folder = `${home}/tmp/${slug}`
  const log = ctx.files.text(`${folder}/logs.json`, maxLogBytes) ?? ""
  const logged = new RegExp(`"sessionId"\\s*:\\s*"(${digits}-[0-9a-f-]{27})"`, "i").exec(log)?.[1]
  const named = ["tool-outputs", "logs"].flatMap((name) => ctx.files.names(`${folder}/${name}`))
  const output = named.flatMap((name) => {
    const id = typeof name === "string" ? name.replace(/^session-/, "").replace(/\.jsonl$/, "") : ""
    return id.toLowerCase().startsWith(digits) ? (parseUuid(id) ?? []) : []
  })
  return parseUuid(logged) ?? output[0] ?? null
}

/** Stands for an id of which no file names more than the first digits: without one, nothing could be saved. */
function idOfDigits(digits: string): SessionId {
  return digits as SessionId
}
