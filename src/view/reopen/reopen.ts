import { shortId } from "../../domain/session/session-id.ts"
import type { Reopened } from "../../operations/reopen/reopen.ts"
import { count, formatAge, shortPath } from "../terminal/format.ts"
import { iso, schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

export interface ReopenFacts {
  readonly home: string
  readonly now: number
  readonly dryRun: boolean
  readonly inTmux: boolean
}

const labels = { window: "reopened  ", line: "was open  ", none: "NOT OPEN  " } as const

export function showReopen(all: readonly Reopened[], facts: ReopenFacts, out: SystemOutput): void {
  const { home, now, dryRun, inTmux } = facts
  if (all.length === 0) {
    out.print("Nothing was left open: every client exited cleanly, or its alarm was dismissed.")
    out.print("Next: session-rescue --status --all   (or what was open at a time: reopen --at TIME)")
    return
  }
  const paints = { window: out.paint.green, line: out.paint.cyan, none: out.paint.yellow }
  for (const { session, standing, lastAlive, beforeBoot, outcome, where } of all) {
    const { id, title, cwd } = session
    const folder = cwd === null ? [] : [sanitize(shortPath(cwd, home))]
    const sure = standing === "likely" ? ["likely"] : []
    const boot = beforeBoot ? ["before the last boot"] : []
    const about = [...folder, formatAge(lastAlive, now), ...boot, ...sure]
    const label = paints[outcome](labels[outcome])
    out.print(formatSessionLine({ label, id: shortId(id) ?? "no id", title, facts: about }, out.columns))
    if (where !== null && outcome !== "window") out.print(`          ${sanitize(where)}`)
  }
  const opened = all.filter(({ outcome }) => outcome === "window").length
  const lines = all.filter(({ outcome }) => outcome === "line")
  if (opened > 0) out.print(`${count(opened, "session")} in new windows of tmux.`)
  if (dryRun)
    out.print(
      inTmux
        ? "Nothing was opened. Next: session-rescue reopen   (each in a tmux window)"
        : "Nothing was opened. Next: session-rescue reopen   (prints the lines to paste: tmux does not run)",
    )
  else if (lines.length > 0) {
    out.print("Next, paste each line into a terminal of its own:")
    for (const { line } of lines) out.exact(sanitize(line.command ?? ""))
  } else out.print("Next: session-rescue --status")
}

export function reopenDocument(
  all: readonly Reopened[],
  { dryRun, inTmux }: ReopenFacts,
  warnings: readonly string[],
) {
  return {
    schemaVersion,
    dryRun,
    tmux: inTmux,
    sessions: all.map(({ session, standing, lastAlive, beforeBoot, line, outcome, where }) => ({
      id: session.id,
      agent: session.agent,
      title: session.title,
      cwd: session.cwd,
      standing,
      lastAlive: iso(lastAlive),
      beforeBoot,
      command: line.command,
      outcome,
      where,
    })),
    warnings,
  }
}
