import { showPath } from "../../domain/disk-path.ts"
import { formatDuration } from "../../domain/duration.ts"
import { isAlarm } from "../../domain/listing/need.ts"
import type { ResumeLine } from "../../domain/session/resume.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { Flag } from "../../domain/session/state.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { count, describeFlag, describePurge, formatMinute, formatSize } from "../terminal/format.ts"
import type { Paint, SystemOutput } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"
import { showResumeLine } from "./resume.ts"
import { paintNeed, sessionWords } from "./session-words.ts"

export interface OneSessionView {
  readonly item: ListedSession
  /** The last prompts and answers, oldest first; one line each. */
  readonly lastMessages: readonly { readonly role: string; readonly text: string }[]
  readonly resume: ResumeLine
  readonly now: number
  readonly home: string
  /** Times are shown in UTC instead of local time. */
  readonly utc: boolean
}

const label = (word: string) => pad(word, 12)

/** One session with everything that is known of it, and the lines to type. */
export function showOneSession(view: OneSessionView, out: SystemOutput): void {
  for (const line of aboutLines(view, out.paint)) out.print(line)
  for (const line of typeLines(view, out.paint)) out.print(line)
  if (view.item.session.process === null) showResumeLine(view.resume, out, "    ")
}

/** The same as lines of a page. */
export function oneSessionLines(view: OneSessionView, paint: Paint): readonly string[] {
  const { resume, item } = view
  const words = [resume.command === null ? resume.reason : resume.note, resume.command ?? resume.rehome]
  const line = words.flatMap((each) => (each === null ? [] : [`    ${sanitize(each)}`]))
  return [
    ...aboutLines(view, paint),
    ...typeLines(view, paint),
    ...(item.session.process === null ? line : []),
  ]
}

function aboutLines(view: OneSessionView, paint: Paint): readonly string[] {
  const { item, now, utc } = view
  const { session, saved, place } = item
  const words = sessionWords(item, view)
  const pid = session.process === null ? null : `pid ${session.process.pid}`
  const program = place?.program == null ? null : sanitize(place.program)
  const version = session.version === null ? "" : ` ${sanitize(session.version)}`
  const size = `${formatSize(session.sizeBytes)} in ${count(session.footprint.length, "file")}`
  const facts: readonly (readonly [string, string | null])[] = [
    ["folder", words.folder],
    ["id", session.id],
    ["where", place === null ? null : [words.where, program, place.terminal, pid].filter(isNews).join(" · ")],
    ["active", timeWords(session.lastActivity, now, utc)],
    ["started", timeWords(session.startedAt, now, utc)],
    ["context", words.context === "" ? null : words.context],
    ["processes", usageWords(session, now)],
    ["size", session.footprint.length === 0 ? null : size],
    ["copy", saved.at === null ? words.saved : `${words.saved} · made ${timeWords(saved.at, now, utc)}`],
    ["agent", sanitize(session.agent) + version],
  ]
  return [
    `${paintNeed(item, paint)(`${words.state} · ${words.detail}`)} · ${words.title}`,
    ...facts.flatMap(([name, text]) => (text === null ? [] : [label(name) + text])),
    ...session.flags.map((flag) => label("") + paint.yellow(`! ${flagWords(flag, view)}`)),
    paint.bold("Evidence"),
    ...evidenceLines(session),
    ...(view.lastMessages.length === 0 ? [] : [paint.bold("Last messages")]),
    ...view.lastMessages.map(({ role, text }) => `  ${pad(role, 12)}${sanitize(text)}`), // safety: plain-last-message
  ]
}

function flagWords(flag: Flag, { item: { session }, now }: OneSessionView): string {
  if (flag === "purge-soon") return describePurge(session.purgeAt, now)
  return flag === "no-terminal" ? "no-terminal: it runs without a terminal" : describeFlag(flag)
}

function isNews(word: string | null, index: number, all: readonly (string | null)[]): boolean {
  return word !== null && word !== "" && all.indexOf(word) === index
}

/** Not cut: who asks for the evidence wants all of it. */
export function evidenceLines(session: ClassifiedSession): readonly string[] {
  const place = session.transcript === null ? "none" : sanitize(showPath(session.transcript))
  return [
    ...session.evidence.map(({ signal, message }) => `  ${pad(sanitize(signal), 12)}${sanitize(message)}`), // safety: plain-evidence
    `  ${pad("transcript", 12)}${place}`,
  ]
}

/** `2026-11-27 18:03 (5 min ago)`, in local time. */
function timeWords(at: number | null, now: number, utc: boolean): string | null {
  if (at === null) return null
  const age = now - at < 5_000 ? "now" : `${formatDuration(now - at)} ago`
  return `${formatMinute(at, utc)} (${age})`
}

function usageWords({ process }: ClassifiedSession, now: number): string | null {
  if (process?.usage === undefined) return null
  const { memoryBytes, cpuMs, processes } = process.usage
  const memory = memoryBytes === null ? "memory unknown" : `${formatSize(memoryBytes)} of memory`
  return `${memory} in ${count(processes, "process", "processes")} · ${formatDuration(cpuMs)} of CPU · running for ${formatDuration(now - process.startedAt)}`
}

function typeLines({ item: { session, need } }: OneSessionView, paint: Paint): readonly string[] {
  const name = shortId(session.id) ?? String(session.process?.pid ?? "")
  const live = session.process !== null
  return [
    paint.bold("To type"),
    `  save it     session-rescue export ${name}`,
    ...(live && session.state !== "CURRENT"
      ? [`  end it      session-rescue kill ${name}   (saves it first)`]
      : []),
    ...(session.id === null ? [] : [`  read it     session-rescue show ${name}`]),
    ...(isAlarm(need) ? [`  no alarm    session-rescue dismiss ${name}`] : []),
    ...(live ? [] : ["  resume it"]),
  ]
}
