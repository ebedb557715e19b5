import { type Need, needs } from "../../domain/listing/need.ts"
import type { Pid } from "../../domain/session/pid.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { count } from "../terminal/format.ts"
import { describeNothingFound, nextAfterStatus, nextWhenNothing } from "../terminal/next-step.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { fitColumns, sanitize } from "../terminal/sanitize.ts"
import { describeService, type ServiceView } from "./background.ts"
import { countLeftOff, describeNoMatch, type NarrowedView } from "./narrowed.ts"
import { evidenceLines } from "./one-session.ts"
import { type ListRow, rowsOfMany, sessionRows } from "./row.ts"

export interface StatusView {
  /** In the order in which they are shown. */
  readonly listed: readonly ListedSession[]
  /** Sessions that were not read because they are old. */
  readonly notRead: number
  /** What became of those that were read: the narrowing that was typed, and what `--limit` does not show. */
  readonly narrowed: NarrowedView
  readonly rejected: readonly { readonly pid: Pid; readonly why: string }[]
  readonly services?: readonly ServiceView[]
  readonly explain: boolean
  /** Everything is shown, however long the list is. */
  readonly all: boolean
  readonly now: number
  readonly home: string
  /** Who called sudo, when this runs as root through it. */
  readonly sudoUser: string | null
  /** Where no session is found: whether exports of earlier ones are there. */
  readonly savedBefore?: boolean
}

/** What is well is counted rather than listed: at most this many closed sessions are shown without `--all`. */
const maxClosed = 10

/** At most one screen on a terminal; everything on a pipe, and with `--all` or `--explain`. */
export function showStatus(view: StatusView, out: SystemOutput): void {
  const foot = footLines(view, out)
  if (out.rows === null || view.all || view.explain) printWhole(view, out)
  else printScreen(view, out.rows - rowsOf(foot, out.columns) - 2, out) // the line about the rest, and the shell's prompt
  for (const line of foot) out.print(line)
}

/** Sessions printed at once: a write for each takes longer, and the lines of all take memory. */
const rowsPerWrite = 500

function printWhole(view: StatusView, out: SystemOutput): void {
  const { listed } = view
  const rowsOfSome = rowsOfMany(listed, view, out.columns, out.paint)
  for (let from = 0; from < listed.length; from += rowsPerWrite) {
    const rows = rowsOfSome(listed.slice(from, from + rowsPerWrite))
    const lines = rows.flatMap((row) => [
      ...row.lines,
      ...(row.facts === null ? [] : [row.facts]),
      ...row.warnings,
      ...(view.explain ? evidenceLines(row.item.session).map((line) => out.paint.dim(line)) : []),
    ])
    out.print(lines.join("\n"))
  }
}

function printScreen(view: StatusView, height: number, out: SystemOutput): void {
  const { lines, shown } = firstScreen(sessionRows(view.listed, view, out.columns, out.paint), height)
  for (const line of lines) out.print(line)
  const rest = view.listed.filter(({ need }, index) => need !== "unsaved" && !shown.has(index))
  if (rest.length === 0) return
  const left = `--all shows the rest: ${countByNeed(rest)}`
  out.print(out.paint.dim(fitColumns(left, out.columns ?? 200)))
}

/** A line that cannot be cut may take several rows. */
function rowsOf(lines: readonly string[], columns: number | null): number {
  return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(Bun.stringWidth(line) / (columns ?? 80))), 0)
}

interface Shown {
  readonly lines: readonly string[]
  readonly shown: ReadonlySet<number>
}

/** The most urgent ones first; details go before a session does. */
function firstScreen(rows: readonly ListRow[], height: number): Shown {
  const indexed = [...rows.entries()]
  const closed = indexed.filter(([, { item }]) => item.need === "closed").slice(0, maxClosed)
  const rest = indexed.filter(([, { item }]) => item.need !== "closed" && item.need !== "unsaved")
  const wanted = [...rest, ...closed]
  const render = (facts: boolean, warnings: boolean) =>
    wanted.map(([index, row]) => ({
      index,
      lines: [
        ...row.lines,
        ...(facts && row.facts !== null && row.item.need !== "closed" ? [row.facts] : []),
        ...(warnings ? row.warnings : []),
      ],
    }))
  const heightOf = (some: ReturnType<typeof render>) => some.reduce((sum, { lines }) => sum + lines.length, 0)
  const urgent = (some: ReturnType<typeof render>) => some.slice(0, rest.length)
  const levels = [render(true, true), render(false, true), render(false, false)] as const
  const chosen = levels.find((level) => heightOf(urgent(level)) <= height) ?? levels[2]
  const lines: string[] = []
  const shown = new Set<number>()
  for (const each of chosen) {
    if (lines.length + each.lines.length > height) break
    lines.push(...each.lines)
    shown.add(each.index)
  }
  return { lines, shown }
}

function footLines(view: StatusView, out: SystemOutput): readonly string[] {
  const { listed, notRead, narrowed, rejected, explain } = view
  const { paint } = out
  const lost = listed.filter(({ need }) => need === "unsaved").length
  const fit = (line: string) => (out.columns === null ? line : fitColumns(line, out.columns))
  const dim = (line: string) => paint.dim(fit(line))
  // a command is never cut: where it does not fit, it has a line of its own
  const withCommand = (what: string, command: string) =>
    out.columns === null || Bun.stringWidth(`${what}: ${command}`) <= out.columns
      ? [`${what}: ${command}`]
      : [fit(`${what}:`), `  ${command}`]
  const deleted = withCommand(
    `${count(lost, "unsaved session")} deleted within 7 days`,
    "session-rescue --export",
  )
  return [
    ...(explain ? rejected.map(({ pid, why }) => dim(`not a session: pid ${pid}, ${sanitize(why)}`)) : []),
    ...(view.services ?? []).map((service) => dim(describeService(service))),
    ...(lost === 0 ? [] : deleted.map((line) => paint.yellow(line))),
    ...(listed.length === 0 ? [] : [paint.bold(fit(summary(listed)))]),
    ...(narrowed.leftOff === 0 ? [] : [fit(`${countLeftOff(narrowed, "session")} left off by --limit`)]),
    ...(notRead === 0
      ? []
      : withCommand(`${count(notRead, "older session")} not read`, "session-rescue status --all")),
    ...lastLines(view),
  ]
}

/** What to type next, or why the list is empty. */
function lastLines({ listed, notRead, narrowed, ...view }: StatusView): readonly string[] {
  if (listed.length > 0) return [nextAfterStatus(listed, view.sudoUser)]
  if (narrowed.typed !== "" && narrowed.found > 0) return describeNoMatch(narrowed)
  return notRead === 0 ? noSessionLines(view) : [nextWhenNothing(view.sudoUser)]
}

type NoSessions = Pick<StatusView, "home" | "sudoUser" | "savedBefore">

function noSessionLines({ home, sudoUser, savedBefore }: NoSessions): readonly string[] {
  const next = nextWhenNothing(sudoUser, savedBefore)
  return ["no client is running", describeNothingFound({ home, sudoUser }), next]
}

export function showNoSessions(view: NoSessions, out: SystemOutput): void {
  for (const line of noSessionLines(view)) out.print(line)
}

const needWords: Record<Need, string> = {
  hung: "hung",
  crashed: "crashed",
  shrunk: "smaller than its copy",
  asking: "asking you",
  working: "working",
  waiting: "waiting",
  unsaved: "about to be deleted",
  closed: "closed",
}

/** `1 hung · 2 working · 280 closed (12 not saved)`. */
export function countByNeed(listed: readonly ListedSession[]): string {
  const groups = Map.groupBy(listed, ({ need }) => need)
  return needs
    .flatMap((need) => {
      const some = groups.get(need) ?? []
      if (some.length === 0) return []
      const unsaved = some.filter(({ saved }) => saved.kind === "none" || saved.kind === "outdated").length
      const hint = need === "closed" && unsaved > 0 ? ` (${unsaved} not saved)` : ""
      return [`${some.length} ${needWords[need]}${hint}`]
    })
    .join(" · ")
}

function summary(listed: readonly ListedSession[]): string {
  const runs = listed.some(({ session }) => session.process !== null)
  return runs ? countByNeed(listed) : `no client is running · ${countByNeed(listed)}`
}
