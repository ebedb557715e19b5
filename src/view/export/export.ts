import { type ExportResult, foldersOf, lacksFiles, type Missing } from "../../domain/export/export.ts"
import { describeContinue } from "../../domain/session/live-process.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import { countLeftOff, describeNoMatch, type NarrowedView } from "../sessions/narrowed.ts"
import { count, formatMinute, formatSize, shortPath } from "../terminal/format.ts"
import { describeNothingFound, nextForShrunk, nextWhenNothing } from "../terminal/next-step.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

const statusText: Record<ExportResult["status"], string> = {
  verified: "verified",
  unchanged: "unchanged, verified again",
  incomplete: "verified, but not all of it",
  unconfirmed: "may not survive a power cut",
  empty: "nothing on disk yet, nothing to lose",
}

const statusLabels: Partial<Record<ExportResult["status"], string>> = {
  incomplete: "PARTLY",
  unconfirmed: "UNSURE",
  empty: "empty",
}

const labelColumns = 9
const margin = " ".repeat(labelColumns)

export function showExport(report: ExportReport, facts: ExportFacts, out: Output): void {
  const { paint } = out
  for (const { session, result } of report.exports) {
    const word = statusLabels[result.status]
    const size = result.files === 0 ? [] : [formatSize(result.bytes)]
    const line = {
      label: (word === undefined ? paint.green : paint.yellow)((word ?? "saved").padEnd(labelColumns)),
      id: shortId(session.id) ?? `pid ${session.process?.pid}`,
      title: session.title,
      facts: [...size, describeStatus(result)],
    }
    out.print(formatSessionLine(line, out.columns))
    for (const { path, why } of result.missing ?? [])
      out.print(paint.yellow(`${margin}missing: ${sanitize(shortPath(path, facts.home))}: ${sanitize(why)}`))
    if (result.status === "unconfirmed") out.print(paint.yellow(`${margin}its folder could not be flushed`))
    showProof(result, facts, out)
  }
  for (const { session, error } of report.failures) {
    const line = {
      label: paint.red("FAILED".padEnd(labelColumns)),
      id: session === null ? "not seen" : (shortId(session.id) ?? "no id"),
      title: session?.title ?? null,
      facts: [sanitize(error.message)], // safety: plain-failure
    }
    out.print(formatSessionLine(line, null))
    out.print(`${margin}${sanitize(error.hint)}`)
  }
  const { narrowed } = facts
  if (narrowed !== undefined && narrowed.leftOff > 0)
    out.print(paint.yellow(`NOT SAVED ${countLeftOff(narrowed)} (--limit is ${narrowed.limit})`))
  const [summary, next] = exportSummary(report, facts)
  out.print(summary)
  if (facts.next !== false) out.print(next)
}

/** What was read in this run is verified; of what was not, it says when it was. */
function describeStatus({ status, recorded }: ExportResult): string {
  if (status !== "unchanged" || recorded === undefined) return statusText[status]
  const [since, verified] = [recorded.unchangedSince, recorded.verifiedAt].map((at) =>
    formatMinute(Date.parse(at)),
  )
  return `unchanged since ${since}, verified ${verified}`
}

/** MD5 is computed only for who asks for it. */
function showProof({ path, files, sha256, md5 }: ExportResult, facts: ExportFacts, out: Output): void {
  const { dim } = out.paint
  if (facts.verbose && path !== null)
    out.print(`${margin}${sanitize(shortPath(path, facts.home))} (${count(files, "file")})`)
  if ((facts.verbose || md5 !== null) && sha256 !== null) out.print(dim(`${margin}sha256 ${sha256}`))
  if (md5 !== null) out.print(dim(`${margin}md5    ${md5}`))
}

export interface ExportFacts {
  readonly home: string
  readonly pending: string
  /** Paths and checksums too. */
  readonly verbose?: boolean
  /** false: something else says what comes next. */
  readonly next?: boolean
  /** What became of the sessions that were found. */
  readonly narrowed?: NarrowedView
  /** No session was found at all; and who called sudo, when that was as root. */
  readonly nothing?: { readonly sudoUser: string | null; readonly savedBefore: boolean } | undefined
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
      return [
        describeNothingFound({ home, ...nothing }),
        nextWhenNothing(nothing.sudoUser, nothing.savedBefore),
      ]
    if (narrowed !== undefined && narrowed.typed !== "") return describeNoMatch(narrowed)
    return [
      "Nothing is running, crashed recently or about to be deleted.",
      "Next: session-rescue --export --all   (saves every session)",
    ]
  }
  const failed = report.failures.filter(({ session }) => session !== null).length
  const unseen = report.failures.length - failed
  const folders = foldersOf(report.exports.map(({ result }) => result))
  const place = (folders.length > 0 ? folders : [facts.pending])
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
  if (sessions.length === 1 && only?.id && only.flags.includes("shrunk"))
    return nextForShrunk(shortId(only.id))
  return sessions.length === 1 && only?.id
    ? `Next: session-rescue --resume ${shortId(only.id)}   (the command that resumes it)`
    : "Next: session-rescue --resume   (the commands that resume them)"
}
