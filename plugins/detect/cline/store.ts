/** The store: `sessions/ID/` with `ID.json`, the record, and `*.messages.json`; all are rewritten whole (3.0.65, observed). */
import {
  type Context,
  existingHomes,
  type Fields,
  type FileStat,
  type FootprintFile,
  fieldsOf,
  namedHomes,
  numberIn,
  parseSessionId,
  type SessionId,
  textIn,
  timeIn,
} from "session-rescue"

/** The data folder: its settings, keys and databases are beside the sessions, and never read. */
export const clineHome = { homeVariable: "CLINE_DATA_DIR", homeFolder: ".cline/data" } as const

export function clineHomes(ctx: Context): string[] {
  return namedHomes(ctx, clineHome, ["db/sessions.db"])
}

export function knownHomes(ctx: Context): string[] {
  return existingHomes(ctx, clineHomes(ctx))
}

/** What its record says. All null where it is missing or damaged. */
export interface SessionRecord {
  /** The process that made the session: it stays there when another one goes on with it (3.0.65, observed). */
  readonly pid: number | null
  /** `running` in the middle of a turn, also after its process was killed; `idle`, `completed`. */
  readonly status: string | null
  readonly cwd: string | null
  readonly title: string | null
  /** What was typed first: the messages have it only once the turn goes on. */
  readonly prompt: string | null
  readonly model: string | null
  readonly version: string | null
  readonly startedAt: number | null
  readonly endedAt: number | null
}

export interface SessionFolder {
  readonly id: SessionId
  readonly home: string
  /** Relative to the home. */
  readonly relative: string
  readonly messages: { readonly path: string; readonly stat: FileStat } | null
  readonly record: SessionRecord
  /** When the record was written; null when it is missing. */
  readonly recordedAt: number | null
  readonly isDamaged: boolean
}

const maxRecordBytes = 4 << 20

export function readFolders(ctx: Context, home: string): readonly SessionFolder[] {
  return ctx.files.names(`${home}/sessions`).flatMap((name) => {
    const id = parseSessionId(name)
    return id === null ? [] : (readFolder(ctx, home, id) ?? [])
  })
}

function readFolder(ctx: Context, home: string, id: SessionId): SessionFolder | null {
  const relative = `sessions/${id}`
  const path = `${home}/${relative}/${id}.messages.json`
  const stat = fileStat(ctx, path)
  const recorded = fileStat(ctx, `${home}/${relative}/${id}.json`)
  if (stat === null && recorded === null) return null
  const fields = recorded === null ? null : parse(ctx, `${home}/${relative}/${id}.json`, maxRecordBytes)
  return {
    ...{ id, home, relative },
    messages: stat === null ? null : { path, stat },
    record: readRecord(fields ?? {}),
    recordedAt: recorded?.modifiedAt ?? null,
    isDamaged: recorded !== null && fields === null,
  }
}

function fileStat(ctx: Context, path: string): FileStat | null {
  const stat = ctx.files.stat(path)
  return stat?.kind === "file" ? stat : null
}

function parse(ctx: Context, path: string, maxBytes: number): Fields | null {
  try {
    const value: unknown = JSON.parse(ctx.files.text(path, maxBytes) ?? "")
    return typeof value === "object" && value !== null ? fieldsOf(value) : null
  } catch {
    return null
  }
}

function readRecord(fields: Fields): SessionRecord {
  const metadata = fieldsOf(fields.metadata)
  return {
    pid: numberIn(fields.pid),
    status: textIn(fields.status),
    cwd: textIn(fields.cwd),
    title: textIn(metadata.title),
    prompt: textIn(fields.prompt),
    model: textIn(fields.model),
    version: textIn(fieldsOf(metadata.sessionHistoryOrigin).version),
    startedAt: timeIn(fields.started_at),
    endedAt: timeIn(fields.ended_at),
  }
}

/** A longer conversation is saved and indexed, but how it stands is not read from it. */
const maxMessagesBytes = 64 << 20

/** null when it is no whole document, or too long. */
export function readMessages(ctx: Context, path: string): readonly Fields[] | null {
  const { messages } = parse(ctx, path, maxMessagesBytes) ?? {}
  return Array.isArray(messages) ? messages.map(fieldsOf) : null
}

/** All files in the session's folder, its messages first. */
export function listFootprint(ctx: Context, home: string, folder: string): readonly FootprintFile[] {
  const main = `${folder.slice(folder.lastIndexOf("/") + 1)}.messages.json`
  const names = ctx.files.names(`${home}/${folder}`).filter((name) => typeof name === "string")
  return names
    .toSorted((a, b) => Number(b === main) - Number(a === main))
    .flatMap((name): FootprintFile[] => {
      const relative = `${folder}/${name}`
      const stat = ctx.files.stat(`${home}/${relative}`)
      if (stat === null || stat.kind === "folder") return []
      const { kind, size, modifiedAt } = stat
      const store = name.endsWith(".json") ? ({ store: "rewritten" } as const) : {}
      return [
        {
          path: `${home}/${relative}`,
          ...{ relative, kind, size: kind === "file" ? size : 0, modifiedAt },
          ...store,
        },
      ]
    })
}

/** Whether a path relative to a home is in the folder of a session. */
export function isOfSession(relative: string, id: SessionId): boolean {
  const [top, folder, name, ...deeper] = relative.split("/")
  return top === "sessions" && folder === id && name !== undefined && name !== "" && deeper.length === 0
}
