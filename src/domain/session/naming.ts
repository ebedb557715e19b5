import { parseIdPrefix } from "./session-id.ts"
import { parseTerminal, type Terminal } from "./terminal.ts"

/**
 * The kinds of names of a session. `pane`: its place in a terminal multiplexer. `name`: given by the client
 * or the user.
 */
export type NameKind = "id" | "terminal" | "pid" | "transcript" | "pane" | "name" | "folder" | "title"
export interface SessionName {
  readonly kind: NameKind
  readonly value: string
}

/** How much of a name was typed: all of it, its beginning, or a part of it. */
export type MatchKind = "exact" | "beginning" | "part"

/** A typed name with all its possible interpretations. */
export interface NameQuery {
  readonly raw: string
  /** As an absolute path; null when it does not look like a path. */
  readonly path: string | null
  /** True when it can only be a path. */
  readonly onlyPath: boolean
  readonly terminals: readonly Terminal[]
  /** As the beginning of an id. */
  readonly id: string | null
  /** Normalized for comparing titles and names: case, Unicode composition and white space are ignored. */
  readonly text: string
}

/** Shorter text would match nearly everything. */
const minPartLength = 3

/** `absolute` resolves what was typed against the working directory. */
export function parseNameQuery(raw: string, absolute: (path: string) => string): NameQuery {
  const onlyPath = /^(\/|\.{1,2}(\/|$)|~(\/|$))/.test(raw)
  const file = /^(.+)\.jsonl$/.exec(raw.slice(raw.lastIndexOf("/") + 1))?.[1]
  return {
    raw,
    path: raw === "" ? null : absolute(raw),
    onlyPath,
    terminals: parseTerminals(raw),
    id: parseIdPrefix(file !== undefined && !raw.includes("/") ? file : raw),
    text: normalizeText(raw.replace(/(…|\.\.\.)$/, "")),
  }
}

/** `pts/14`, `/dev/pts/14`, `pts14`, `14`; `s013`, `ttys013`, `13`. */
export function parseTerminals(raw: string): readonly Terminal[] {
  const exact = parseTerminal(raw)
  if (exact !== null) return [exact]
  const [, number] = /^(?:pts)?([0-9]{1,7})$/.exec(raw) ?? []
  if (number === undefined) return []
  const all =
    raw === number ? [`pts/${number}`, `s${number.padStart(3, "0")}`, `tty${number}`] : [`pts/${number}`]
  return all.flatMap((name) => parseTerminal(name) ?? [])
}

/** How the typed name matches a session's name; null when it does not. */
export function matchName(typed: NameQuery, { kind, value }: SessionName): MatchKind | null {
  switch (kind) {
    case "id":
      return typed.id === null ? null : matchText(typed.id, value.toLowerCase(), 4)
    case "terminal":
      return (typed.terminals as readonly string[]).includes(value) ? "exact" : null
    case "pid":
      return typed.raw === value ? "exact" : null
    case "transcript":
      return typed.path !== null && isInTranscript(typed.path, value) ? "exact" : null
    case "pane":
      return matchPane(typed.raw, value)
    case "folder":
      return matchFolder(typed, value)
    default:
      return typed.onlyPath ? null : matchText(typed.text, normalizeText(value), minPartLength)
  }
}

function matchText(typed: string, name: string, least: number): MatchKind | null {
  if (typed === "") return null
  if (name === typed) return "exact"
  if (typed.length < least) return null
  return name.startsWith(typed) ? "beginning" : name.includes(typed) ? "part" : null
}

/** The transcript, or a file in the folder that belongs to it. */
function isInTranscript(path: string, transcript: string): boolean {
  return path === transcript || path.startsWith(`${transcript.replace(/\.jsonl$/, "")}/`)
}

/** `work:2.1` is an exact match; `work:2` and `work` match the beginning. */
function matchPane(typed: string, pane: string): MatchKind | null {
  if (typed === pane) return "exact"
  return typed !== "" && pane.startsWith(typed) && /^[:.]/.test(pane.slice(typed.length)) ? "beginning" : null
}

function matchFolder({ path, onlyPath, text }: NameQuery, folder: string): MatchKind | null {
  if (path === folder) return "exact"
  if (path !== null && onlyPath)
    return folder.startsWith(path === "/" ? path : `${path}/`) ? "beginning" : null
  const trimmed = text.replace(/\/+$/, "")
  const last = normalizeText(folder.slice(Math.max(folder.lastIndexOf("/"), folder.lastIndexOf("\\")) + 1))
  const fit = matchText(trimmed, last, minPartLength)
  return fit ?? (matchText(trimmed, normalizeText(folder), minPartLength) === null ? null : "part")
}

function normalizeText(text: string): string {
  return text.normalize("NFC").replace(/\s+/g, " ").trim().toLowerCase()
}
