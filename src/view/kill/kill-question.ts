import { sayDuration } from "../../domain/duration.ts"
import type { ExportResult } from "../../domain/export/export.ts"
import type { EndQuestion } from "../../operations/kill/kill-held.ts"
import type { LiveSession } from "../../operations/kill/live-session.ts"
import type { TakenFor } from "../../pipeline/naming/called-live.ts"
import { sayTerminal } from "../sessions/background.ts"
import { sayAge, saySize, shortPath } from "../terminal/format.ts"
import type { SystemOutput } from "../terminal/output.ts"
import type { Prompts, Reply } from "../terminal/prompts.ts"
import { fit, plain } from "../terminal/sanitize.ts"

interface QuestionFacts {
  readonly home: string
  readonly graceMs: number
  readonly tree: boolean
  readonly now: number
  /** How it was named, where that was not by an id, a terminal or a pid. */
  readonly takenFor?: TakenFor | undefined
}

/** Asked when everything is saved. No is the default; Escape, Ctrl-C and a closed terminal mean No, too. */
export function askToEnd(
  { session, companions, exports, airtight }: EndQuestion,
  { home, graceMs, tree, now, takenFor }: QuestionFacts,
  prompts: Prompts,
): Promise<Reply<boolean>> {
  const { process: running, id } = session
  const lines = [
    `End ${id?.slice(0, 8) ?? "the client"} (pid ${running.pid}, ${sayTerminal(session)})?`,
    ...(takenFor === undefined ? [] : [`  You named it "${plain(takenFor.name)}": ${plain(takenFor.says)}.`]),
    `  It is ${session.state}: ${plain(session.detail)}, ${lastActive(session, now)}${titleOf(session)}.`,
    ...companions.map((each) => `  With it ends ${nameOf(each)}.`),
    ...exports.flatMap((result) => sayExport(result, home)),
    session.background?.held === true
      ? `  Its background service is asked to stop it (claude stop ${plain(session.background.name)}); what it still writes is saved too.`
      : `  It gets TERM, and KILL if it has not left after ${sayDuration(graceMs)}; what it still writes is saved too.`,
    ...(tree ? ["  What it has started is ended as well (--tree)."] : []),
    ...(airtight
      ? []
      : ["  Here a process cannot be held, only looked at just before: a small window remains."]),
  ]
  return prompts.confirm(lines.join("\n"), "Yes, end it", "No")
}

/** What has no copy is named: whoever says yes gives it up (--accept-incomplete). */
function sayExport(result: ExportResult, home: string): readonly string[] {
  const { path, bytes, missing = [] } = result
  if (path === null) return ["  It has nothing on disk yet: nothing is lost."]
  const saved = `${saySize(bytes)} in ${plain(shortPath(path, home))}`
  if (missing.length === 0) return [`  Saved and verified: ${saved}`]
  const names = missing
    .slice(0, mostMissing)
    .map((each) => `    ${plain(shortPath(each.path, home))}: ${plain(each.why)}`)
  const more =
    missing.length > mostMissing
      ? [`    and ${missing.length - mostMissing} more (session-rescue --export names all)`]
      : []
  return [`  Saved and verified, but NOT whole: ${saved}`, "  No copy is there of:", ...names, ...more]
}

const mostMissing = 5

/** A session that runs below the one asked about. */
function nameOf(session: LiveSession): string {
  const { id, process: running } = session
  const name = `${id?.slice(0, 8) ?? "a session"} (pid ${running.pid}, ${sayTerminal(session)})`
  return `${name}: ${session.state}, ${plain(session.detail)}${titleOf(session)}`
}

function lastActive({ lastActivity }: LiveSession, now: number): string {
  return lastActivity === null ? "no activity yet" : `last active ${sayAge(lastActivity, now)}`
}

function titleOf(session: LiveSession): string {
  return session.title === null ? "" : `, "${fit(plain(session.title), 60)}"` // safety: plain-question
}

/** The seconds left until KILL, drawn over on a terminal. */
export function killCountdown(out: SystemOutput): { wait(left: number): void; end(): void } {
  let shown = -1
  return {
    wait(left) {
      const seconds = Math.ceil(left / 1000)
      if (seconds === shown) return
      shown = seconds
      out.draw(`asked it to leave; KILL in ${seconds} s`)
    },
    end() {
      if (shown !== -1) out.draw("")
      shown = -1
    },
  }
}
