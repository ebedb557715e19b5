/** Sessions of versions before 1.2: a tree of JSON files, `storage/session/PROJECT/ID.json`, `message/ID/`, `part/MESSAGE/`. */
import {
  type Context,
  type FootprintFile,
  type FoundSession,
  fieldsOf,
  greatest,
  numberIn,
  parseSessionId,
  type Session,
  type SessionId,
  textIn,
} from "session-rescue"
import { type Message, type MessagePart, parseData } from "./records.ts"
import { readTurn } from "./turn.ts"

export interface TreeSession {
  readonly id: SessionId
  readonly home: string
  /** `storage/session/PROJECT/ID.json` */
  readonly relative: string
  readonly parent: string | null
  readonly cwd: string | null
  readonly title: string | null
  readonly version: string | null
  readonly startedAt: number | null
  readonly updatedAt: number | null
  readonly children: readonly string[]
}

const maxInfoBytes = 4 << 20

/** Those that no database has: what was migrated stays behind as files (public: opencode#13636). */
export function readTree(ctx: Context, home: string, taken: ReadonlySet<string>): readonly TreeSession[] {
  const folder = "storage/session"
  const all = ctx.files.names(`${home}/${folder}`).flatMap((project) =>
    typeof project !== "string"
      ? []
      : ctx.files.names(`${home}/${folder}/${project}`).flatMap((name): TreeSession[] => {
          const id =
            typeof name === "string" && name.endsWith(".json") ? parseSessionId(name.slice(0, -5)) : null
          if (id === null || !id.startsWith("ses_") || taken.has(id)) return []
          const relative = `${folder}/${project}/${id}.json`
          const info = parseData(ctx.files.text(`${home}/${relative}`, maxInfoBytes) ?? "")
          const time = fieldsOf(info.time)
          return [
            {
              ...{ id, home, relative, children: [], parent: textIn(info.parentID) },
              ...{ cwd: textIn(info.directory), title: textIn(info.title), version: textIn(info.version) },
              ...{ startedAt: numberIn(time.created), updatedAt: numberIn(time.updated) },
            },
          ]
        }),
  )
  const known = new Set<string>(all.map(({ id }) => id))
  const isChild = ({ parent }: TreeSession) => parent !== null && known.has(parent)
  const byParent = Map.groupBy(all.filter(isChild), ({ parent }) => parent)
  const below = (id: string): readonly string[] =>
    (byParent.get(id) ?? []).flatMap((child) => [child.id, ...(child.id === id ? [] : below(child.id))])
  return all.filter((each) => !isChild(each)).map((each) => ({ ...each, children: below(each.id) }))
}

/** Every file of a session, the transcript's place taken by the file that names it. */
export function treeFiles(
  ctx: Context,
  { home, relative, id, children }: TreeSession,
): readonly FootprintFile[] {
  const project = relative.split("/")[2]
  const folders = [id, ...children].flatMap((each) => {
    const messages = jsonIn(ctx, home, `storage/message/${each}`)
    const parts = messages.flatMap((message) => jsonIn(ctx, home, `storage/part/${idOf(message)}`))
    const side = ["todo", "session_diff", "session_share"].map((kind) => `storage/${kind}/${each}.json`)
    const info = each === id ? [] : [`storage/session/${project}/${each}.json`]
    return [...info, ...messages, ...parts, ...side.filter((path) => !path.includes("session_share"))]
  })
  return [relative, ...folders].flatMap((place): FootprintFile[] => {
    const stat = ctx.files.stat(`${home}/${place}`)
    if (stat === null || stat.kind === "folder") return []
    const { kind, size, modifiedAt } = stat
    return [{ path: `${home}/${place}`, relative: place, kind, size: kind === "file" ? size : 0, modifiedAt }]
  })
}

function jsonIn(ctx: Context, home: string, folder: string): readonly string[] {
  return ctx.files
    .names(`${home}/${folder}`)
    .flatMap((name) => (typeof name === "string" && name.endsWith(".json") ? [`${folder}/${name}`] : []))
    .toSorted() // ids grow with time
}

function idOf(relative: string): string {
  return relative.slice(relative.lastIndexOf("/") + 1, -5)
}

const maxFileBytes = 1 << 20

export function examineTree(found: FoundSession, tree: TreeSession, ctx: Context): Session {
  const footprint = treeFiles(ctx, tree)
  const read = (relative: string) => parseData(ctx.files.text(`${tree.home}/${relative}`, maxFileBytes) ?? "")
  const names = jsonIn(ctx, tree.home, `storage/message/${tree.id}`)
  const name = names.at(-1)
  const last: Message | null = name === undefined ? null : { id: idOf(name), at: null, data: read(name) }
  const parts = last === null ? [] : jsonIn(ctx, tree.home, `storage/part/${last.id}`)
  const turn = readTurn(
    last,
    parts.map((part): MessagePart => ({ at: null, data: read(part) })),
  )
  const written = greatest(footprint.map(({ modifiedAt }) => modifiedAt).filter((at) => at <= ctx.now))
  return {
    ...found,
    footprint,
    sizeBytes: footprint.reduce((sum, { size }) => sum + size, 0),
    lastActivity: turn.lastMessageAt ?? written,
    turn,
    conversation: last === null ? "empty" : "whole",
    exitedCleanly: null,
    title: tree.title,
    cwd: tree.cwd,
    gitBranch: null,
    version: tree.version,
    startedAt: tree.startedAt,
    contextTokens: null,
    model: textIn(last?.data.modelID),
    resumeWay: null, // a client of today reads it only if it migrates it
  }
}
