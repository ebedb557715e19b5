import { shortId } from "../../domain/session/session-id.ts"
import type { ClassifiedSession } from "../../sdk/contracts.ts"
import { formatTerminal } from "../sessions/background.ts"
import {
  count,
  describeFlag,
  describePurge,
  formatAge,
  formatSize,
  paintState,
  shortPath,
} from "../terminal/format.ts"
import { listLines, type Paint, type SystemOutput } from "../terminal/output.ts"
import { fitColumns, pad, sanitize } from "../terminal/sanitize.ts"

export interface MenuView {
  readonly sessions: readonly ClassifiedSession[]
  readonly notShown: number
  readonly now: number
  readonly home: string
}

const minWidth = 50
const minBoxColumns = 60
const linesPerSession = 3
/** The list below the box: its question, search line, keys and edges, besides its lines. */
const listChromeLines = 7

/** All sessions in a box as wide as they need and the terminal allows; where that is narrow, without the box. */
export function showMenuBox(view: MenuView, out: SystemOutput): void {
  const columns = out.columns ?? 80
  const rows = out.rows ?? 24
  const below = Math.min(view.sessions.length + 2, listLines(rows)) + listChromeLines
  const room = Math.max(2, Math.floor((rows - below - 3) / linesPerSession)) // box and list are seen at once
  const shown = view.sessions.slice(0, room)
  const boxed = columns >= minBoxColumns
  const widest = boxed ? columns - 4 : columns
  const lines = shown.flatMap((session, index) => entry(session, index + 1, view, widest, out.paint))
  const width = Math.min(widest, Math.max(minWidth, ...lines.map((line) => Bun.stringWidth(line))))
  out.print(out.paint.bold("CLAUDE SESSIONS DETECTED"))
  if (boxed) {
    const edge = "─".repeat(width + 2)
    out.print(`┌${edge}┐`)
    for (const line of lines) out.print(`│ ${pad(line, width)} │`)
    out.print(`└${edge}┘`)
  } else for (const line of lines) out.print(line)
  const hidden = view.sessions.length - shown.length
  if (hidden > 0) out.print(`and ${hidden} more in the list below: type to find it`)
  if (view.notShown > 0)
    out.print(`${count(view.notShown, "older session")} not listed: session-rescue menu --all`)
}

function entry(
  session: ClassifiedSession,
  number: number,
  view: MenuView,
  width: number,
  paint: Paint,
): readonly string[] {
  const { process: running, state, detail } = session
  const margin = " ".repeat(String(number).length + 2)
  const who = running === null ? "not running" : `${formatTerminal(session)} (PID ${running.pid})`
  const size = session.footprint.length === 0 ? "nothing on disk" : formatSize(session.sizeBytes)
  const first = `${number}. ${who} - ${session.id === null ? "no id" : `${shortId(session.id)}...`} (${size})`
  const activity = `${margin}Last activity: ${formatAge(session.lastActivity, view.now)} (`
  const rest = fitColumns(
    `: ${sanitize(detail)})`,
    Math.max(1, width - Bun.stringWidth(activity) - state.length),
  )
  return [
    fitColumns(first, width),
    `${activity}${paintState(state, paint)(state)}${rest}`,
    paint.dim(fitColumns(`${margin}${place(session, view.home)}`, width)),
    ...warnings(session, view.now).map((says) => paint.yellow(fitColumns(`${margin}! ${says}`, width))),
  ]
}

function place({ cwd, title }: ClassifiedSession, home: string): string {
  const folder = cwd === null ? "folder unknown" : sanitize(shortPath(cwd, home))
  return title === null ? folder : `${folder} — ${sanitize(title)}`
}

function warnings(session: ClassifiedSession, now: number): readonly string[] {
  return session.flags.flatMap((flag) =>
    flag === "no-terminal"
      ? []
      : [flag === "purge-soon" ? describePurge(session.purgeAt, now) : describeFlag(flag)],
  )
}

/** One line for a list; its words are what a filter finds it by. */
export function menuLine(session: ClassifiedSession, number: number, view: MenuView, paint: Paint) {
  const { process: running, state, id, title, cwd } = session
  const who = running === null ? "not running" : (running.terminal ?? `pid ${running.pid}`)
  const facts = [
    shortId(id) ?? "no id",
    formatSize(session.sizeBytes),
    formatAge(session.lastActivity, view.now),
  ]
  const name = title === null ? (cwd === null ? "" : shortPath(cwd, view.home)) : title
  const label = `${pad(`${number}.`, 3)} ${paintState(state, paint)(pad(state, 9))} ${pad(who, 11)} ${facts.join(" · ")}`
  const about = [String(number), state, session.detail, who, running?.pid, running?.terminal, id, title, cwd]
  return {
    label: name === "" ? label : `${label} · ${sanitize(name)}`,
    words: about.map((each) => sanitize(String(each ?? "")).toLowerCase()).join(" "),
  }
}

/** How a question names one session. */
export function menuName(session: ClassifiedSession): string {
  const { process: running, id } = session
  const who = running === null ? "not running" : `${formatTerminal(session)}, pid ${running.pid}`
  return `${shortId(id) ?? "no id"} (${who}) is ${session.state}: ${sanitize(session.detail)}`
}
