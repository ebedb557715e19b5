import { type Part, parseUuid, type RecordParts, type TranscriptRecord, textIn } from "session-rescue"
import { toLine } from "../records/title.ts"

const emptyParts = { id: null, branch: null, model: null, subagent: null, usage: null, title: null } as const

/**
 * Traces of a session whose transcript was purged: prompts in `history.jsonl`, the first prompt and a summary
 * in a project's `sessions-index.json` [public]. null: a record without text. undefined: not such a file.
 */
export function readSharedRecord(record: TranscriptRecord, document: string): RecordParts | null | undefined {
  if (document === "history.jsonl") return historyEntry(record)
  return /^projects\/[^/]+\/sessions-index\.json$/.test(document) ? sessionListEntry(record) : undefined
}

function historyEntry({ display, timestamp, project, sessionId }: TranscriptRecord): RecordParts | null {
  const session = parseUuid(sessionId)
  if (session === null || typeof display !== "string" || display.trim() === "") return null
  return {
    ...emptyParts,
    session,
    time: timeOf(timestamp),
    cwd: textIn(project),
    parts: [prompt(display)],
    prompt: () => toLine(display),
  }
}

function sessionListEntry(entry: TranscriptRecord): RecordParts | null {
  const session = parseUuid(entry.sessionId)
  const first = textIn(entry.firstPrompt)
  const parts: Part[] = first === null || first === "No prompt" ? [] : [prompt(first)]
  const summary = textIn(entry.summary)
  if (summary !== null) parts.push({ kind: "summary", role: "assistant", text: summary })
  const name = toLine(entry.customTitle)
  if (name !== null) parts.push({ kind: "title", role: "user", text: name })
  if (session === null || parts.length === 0) return null
  const title = name ?? toLine(summary)
  return {
    ...emptyParts,
    session,
    time: timeOf(entry.created) ?? timeOf(entry.fileMtime),
    cwd: textIn(entry.projectPath),
    branch: textIn(entry.gitBranch),
    parts,
    title: title === null ? null : { text: title, rank: name === null ? 1 : 4 },
    ...(first === null ? {} : { prompt: () => toLine(first) }),
  }
}

function prompt(words: string): Part {
  return { kind: "prompt", role: "user", text: words, queued: true }
}

function timeOf(value: unknown): number | null {
  if (typeof value === "number") return value
  const time = typeof value === "string" ? Date.parse(value) : Number.NaN
  return Number.isNaN(time) ? null : time
}
