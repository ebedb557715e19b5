import { formatDuration } from "../../domain/duration.ts"
import { contextPercent } from "../../domain/listing/context-percent.ts"
import type { Need } from "../../domain/listing/need.ts"
import type { SavedMark } from "../../domain/listing/saved-mark.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import type { Paint } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

/** What a list says of a session, each fact in a few words. */
export interface SessionWords {
  readonly state: string
  readonly detail: string
  /** State and detail for a narrow terminal: the state is named only where the detail does not tell it. */
  readonly short: string
  readonly title: string
  readonly folder: string
  /** The pane, terminal, editor or background of a live one; empty for others. */
  readonly where: string
  readonly age: string
  readonly saved: string
  /** Percent of the model's window with a bar, or tokens where the window is unknown; empty when unknown. */
  readonly context: string
  readonly memory: string
  readonly agents: string
  readonly agent: string
  readonly id: string
}

export interface WordFacts {
  readonly now: number
  readonly home: string
}

export function sessionWords({ session, need, saved, place }: ListedSession, facts: WordFacts): SessionWords {
  const { process, turn } = session
  const agents = (turn.subagents ?? []).length
  const memory = process?.usage?.memoryBytes ?? null
  return {
    state: session.state,
    detail: detailOf(session, need, facts.now),
    short: shortOf(session, need, facts.now),
    title: titleOf(session),
    folder: session.cwd === null ? "folder unknown" : sanitize(shortPath(session.cwd, facts.home)), // safety: plain-folder
    where: place === null ? "" : sanitize(place.name),
    age: ageOf(session.lastActivity ?? process?.startedAt ?? null, facts.now),
    saved: savedWords(saved, facts.now),
    context: contextWords(session),
    memory: memory === null ? "" : formatSize(memory),
    agents: agents === 0 ? "" : count(agents, "agent"),
    agent: sanitize(session.agent),
    id: shortId(session.id) ?? "no id",
  }
}

/** What will be deleted says so: nothing else about it is urgent. */
function detailOf({ detail, purgeAt }: ListedSession["session"], need: Need, now: number): string {
  if (need !== "unsaved") return sanitize(detail) // safety: plain-detail
  const left = (purgeAt ?? 0) - now
  return left <= 0 ? "deleted at next start" : `deleted in ${formatDuration(left)}`
}

function shortOf(session: ListedSession["session"], need: Need, now: number): string {
  const { state } = session
  const detail = detailOf(session, need, now)
  if (state === "HUNG" || state === "CURRENT") return `${state} ${detail}`
  if (need !== "asking") return detail
  return detail.startsWith("waiting for permission") ? "asks permission" : "asks you"
}

function titleOf({ title, conversation }: ListedSession["session"]): string {
  if (title !== null && title !== "") return sanitize(title) // safety: plain-title
  return conversation === "none" ? "nothing on disk yet" : "untitled"
}

function ageOf(at: number | null, now: number): string {
  if (at === null) return ""
  return now - at < 5_000 ? "now" : formatDuration(now - at)
}

function savedWords({ kind, at }: SavedMark, now: number): string {
  switch (kind) {
    case "saved":
      return "saved"
    case "archived":
      return at === null ? "archived" : `archived ${formatDuration(now - at)} ago`
    case "outdated":
      return "changed since saved"
    case "none":
      return "not saved"
    case "empty":
      return "nothing on disk"
  }
}

const barLength = 8

/** `62 % █████░░░` of the model's window; only tokens where the window is not known. */
function contextWords(session: ListedSession["session"]): string {
  const percent = contextPercent(session)
  const { contextTokens } = session
  if (percent === null) {
    if (contextTokens === null) return ""
    return contextTokens < 1000 ? `${contextTokens} tokens` : `${Math.round(contextTokens / 1000)}k tokens`
  }
  const full = Math.max(0, Math.min(barLength, Math.round((percent / 100) * barLength)))
  return `${String(percent).padStart(2)} % ${"█".repeat(full)}${"░".repeat(barLength - full)}`
}

/** Red is what hangs, yellow what was cut off or asks, green what works, dim what is well. */
export function paintNeed({ need, session }: ListedSession, paint: Paint): (text: string) => string {
  switch (need) {
    case "hung":
      return paint.red
    case "crashed":
    case "shrunk":
    case "asking":
    case "unsaved":
      return paint.yellow
    case "working":
      return session.state === "CURRENT" ? paint.cyan : paint.green
    case "waiting":
      return session.state === "CURRENT" ? paint.cyan : (text) => text
    case "closed":
      return paint.dim
  }
}
