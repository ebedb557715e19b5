import { type ExportResult, lacksFiles, type Missing } from "../../domain/export/export.ts"
import { describeContinue } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import { countLeftOff, describeNoMatch, type NarrowedView } from "../sessions/narrowed.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { describeNothingFound, nextWhenNothing } from "../terminal/next-step.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

const statusText: Record<ExportResult["status"], string> = {
  verified: "verified",
  unchanged: "unchanged since its last export, verified again",
  incomplete: "saved and verified, but not all of it",
  unconfirmed: "saved, but the folder could not be flushed: it may not survive a power cut",
  empty: "nothing on disk yet, nothing to lose",
}

const statusLabel: Partial<Record<ExportResult["status"], string>> = {
  incomplete: "PARTLY  ",
  unconfirmed: "UNSURE  ",
}

/** On a terminal more than these are said in one line each. */
const maxDetailedExports = 8

export function showExport(report: ExportReport, facts: ExportFacts, out: Output): void {
  const { paint } = out
  const brief = out.columns !== null && report.exports.length > maxDetailedExports
  for (const { session, result } of report.exports) {
    const id = shortId(session.id) ?? `pid ${session.process?.pid}`
    const word = statusLabel[result.status] ?? "saved   "
    const size = result.files === 0 ? "" : ` · ${formatSize(result.bytes)} in ${count(result.files, "file")}`
    out.print(
      `${(word === "saved   " ? paint.green : paint.yellow)(word)} ${id} · ${statusText[result.status]}${size}`,
    )
    for (const { path, why } of result.missing ?? [])
      out.print(paint.yellow(`         missing: ${sanitize(shortPath(path, facts.home))}: ${sanitize(why)}`))
    if (brief) continue // its name says id and time, and the folder is named below
    if (result.path !== null) out.print(`         ${sanitize(shortPath(result.path, facts.home))}`)
    if (result.sha256 !== null) out.print(paint.dim(`         sha256 ${result.sha256}`))
    if (result.md5 !== null) out.print(paint.dim(`         md5    ${result.md5}`))
  }
  for (const { session, error } of report.failures) {
    const who = session === null ? "not seen" : (shortId(session.id) ?? "no id")
    // safety: plain-failure
    out.print(`${paint.red("FAILED  ")} ${who} · ${sanitize(error.message)}`)
    out.print(`         ${sanitize(error.hint)}`)
  }
  const { narrowed } = facts
  if (narrowed !== undefined && narrowed.leftOff > 0)
    out.print(paint.yellow(`NOT SAVED ${countLeftOff(narrowed)} (--limit is ${narrowed.limit})`))
  const [summary, next] = exportSummary(report, facts)
  out.print(summary)
  if (facts.next !== false) out.print(next)
}

export interface ExportFacts {
  readonly home: string
  readonly pending: string
  /** false: something else says what comes next. */
  readonly next?: boolean
  /** What became of the sessions that were found. */
  readonly narrowed?: NarrowedView
  /** No session was found at all; and who called sudo, when that was as root. */
  readonly nothing?: { readonly sudoUser: string | null } | undefined
}

/** The last two lines: what is safe now, and what to type next. */
function exportSummary(report: ExportReport, facts: ExportFacts): readonly [summary: string, next: string] {
  const saved = report.exports.filter(({ result }) => result.status !== "empty").length
  if (report.interrupted)
    return [
      `Interrupted: ${count(saved, "session")} saved completely, the rest were not.`,
      "Next: run it again",
    ]
  if (report.exports.length === 0 && report.failures.length === 0) {
    const { home, nothing, narrowed } = facts
    if (nothing !== undefined)
      return [describeNothingFound({ home, ...nothing }), nextWhenNothing(nothing.sudoUser)]
    if (narrowed !== undefined && narrowed.typed !== "") return describeNoMatch(narrowed)
    return [
      "Nothing is running, crashed recently or about to be deleted.",
      "Next: session-rescue --export --all   (saves every session)",
    ]
  }
  const failed = report.failures.filter(({ session }) => session !== null).length
  const unseen = report.failures.length - failed
  // an unchanged one may be in the archive
  const folders = new Set(report.exports.flatMap(({ result }) => result.path?.replace(/\/[^/]*$/, "") ?? []))
  const place = [...(folders.size > 0 ? folders : [facts.pending])]
    .map((folder) => sanitize(shortPath(folder, facts.home)))
    .join(" and ")
  const unsure = report.exports.filter(({ result }) => result.status === "unconfirmed").length
  const missing = report.exports.flatMap(({ result }) => result.missing ?? [])
  const partly = report.exports.filter(({ result }) => lacksFiles(result)).length
  const doubts = [
    ...(partly > 0 ? [`${partly} of them NOT whole`] : []),
    ...(unsure > 0 ? [`${unsure} of them NOT certain to survive a power cut`] : []),
    ...(failed > 0 ? [`${count(failed, "session")} NOT saved`] : []),
    ...(unseen > 0 ? [`${count(unseen, "place")} NOT searched`] : []),
  ]
  const lost = doubts.length > 0 ? doubts.join(", ") : "nothing is lost"
  return [
    `${count(saved, "session")} saved in ${place}, ${lost}.`,
    failed + unseen + unsure > 0
      ? "Next: see the reasons above, then run it again"
      : partly > 0
        ? `Missing: ${formatMissing(missing, facts.home)}. Next: make that readable, then run it again`
        : nextAfterSaving(report),
  ]
}

/** The first of them, and how many more. */
function formatMissing(missing: readonly Missing[], home: string): string {
  const [first] = missing
  if (first === undefined) return "nothing"
  const more = missing.length > 1 ? ` and ${missing.length - 1} more` : ""
  return `${sanitize(shortPath(first.path, home))} (${sanitize(first.why)})${more}`
}

/** What hangs can be ended now; what has no process, brought back; what runs, made findable. */
function nextAfterSaving({ exports }: ExportReport): string {
  const sessions = exports.flatMap(({ session, result }) => (result.status === "empty" ? [] : [session]))
  const allHung = sessions.filter(({ state }) => state === "HUNG")
  const hung =
    allHung.find(({ process }) => process !== null && describeContinue(process) === null) ?? allHung[0]
  const pid = hung?.process?.pid // a terminal may have others in it that were not saved
  const continues = hung?.process == null ? null : describeContinue(hung.process)
  if (continues !== null) return `Next: ${continues}   (brings it back; it is suspended and saved)`
  if (pid !== undefined) return `Next: session-rescue --kill ${pid}   (it is hung and saved; kill asks first)`
  if (sessions.length > 0 && sessions.every(({ process }) => process !== null))
    return "Next: session-rescue cx   (indexes it for search and archives it)"
  const [only] = sessions
  return sessions.length === 1 && only?.id
    ? `Next: session-rescue --resume ${shortId(only.id)}   (the command that resumes it)`
    : "Next: session-rescue --resume   (the commands that resume them)"
}
