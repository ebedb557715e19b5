import type { ExportReport } from "../pipeline/act.ts"
import type { ExportResult } from "../session/export.ts"
import { nextWhenNothing, sayNothing } from "./next-step.ts"
import type { Output } from "./output.ts"
import { plain } from "./plain.ts"
import { count, saySize, shortPath } from "./words.ts"

const sayStatus: Record<ExportResult["status"], string> = {
  verified: "verified",
  unchanged: "unchanged since its last export, verified again",
  unconfirmed: "saved, but the folder could not be flushed: it may not survive a power cut",
  empty: "nothing on disk yet, nothing to lose",
}

/** On a terminal more than these are said in one line each. */
const manyExports = 8

interface ExportFacts {
  readonly home: string
  readonly pending: string
  /** false: something else says what comes next. */
  readonly next?: boolean
  /** Who called sudo, when nothing at all was found as root. */
  readonly sudoUser?: string | null
}

export function showExport(report: ExportReport, facts: ExportFacts, out: Output): void {
  const { paint } = out
  const brief = out.columns !== null && report.exports.length > manyExports
  for (const { session, result } of report.exports) {
    const id = session.id?.slice(0, 8) ?? `pid ${session.process?.pid}`
    const good = result.status !== "unconfirmed"
    const size = result.files === 0 ? "" : ` · ${saySize(result.bytes)} in ${count(result.files, "file")}`
    out.print(
      `${(good ? paint.green : paint.yellow)(good ? "saved   " : "UNSURE  ")} ${id} · ${sayStatus[result.status]}${size}`,
    )
    if (brief) continue // its name says id and time, and the folder is named below
    if (result.path !== null) out.print(`         ${plain(shortPath(result.path, facts.home))}`)
    if (result.sha256 !== null) out.print(paint.dim(`         sha256 ${result.sha256}`))
    if (result.md5 !== null) out.print(paint.dim(`         md5    ${result.md5}`))
  }
  for (const { session, error } of report.failures) {
    // safety: plain-failure
    out.print(`${paint.red("FAILED  ")} ${session.id?.slice(0, 8) ?? "no id"} · ${plain(error.message)}`)
    out.print(`         ${plain(error.hint)}`)
  }
  const [summary, next] = closing(report, facts)
  out.print(summary)
  if (facts.next !== false) out.print(next)
}

function closing(report: ExportReport, facts: ExportFacts): [summary: string, next: string] {
  const saved = report.exports.filter(({ result }) => result.status !== "empty").length
  if (report.interrupted)
    return [`Interrupted: ${count(saved, "session")} saved completely, the rest not.`, "Next: run it again"]
  if (report.exports.length === 0 && report.failures.length === 0) {
    if (facts.sudoUser != null) return [sayNothing(facts), nextWhenNothing(facts.sudoUser)]
    return [
      "Nothing runs, has crashed lately or is about to be deleted.",
      "Next: session-rescue --export --all   (saves everything there is)",
    ]
  }
  const failed = report.failures.length
  const place = plain(shortPath(facts.pending, facts.home))
  const unsure = report.exports.filter(({ result }) => result.status === "unconfirmed").length
  const lost =
    failed > 0
      ? `${count(failed, "session")} NOT saved`
      : unsure > 0
        ? `${unsure} of them NOT certain to survive a power cut`
        : "nothing is lost"
  return [
    `${count(saved, "session")} saved in ${place}, ${lost}.`,
    failed + unsure > 0
      ? "Next: see the reasons above, then run it again"
      : "Next: session-rescue --resume   (the lines that bring them back)",
  ]
}
