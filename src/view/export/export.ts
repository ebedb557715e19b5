import type { ExportResult } from "../../domain/export/export.ts"
import type { ExportReport } from "../../pipeline/export-sessions.ts"
import { count, saySize, shortPath } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { plain } from "../terminal/sanitize.ts"
import { closing, type ExportFacts } from "./export-summary.ts"

const sayStatus: Record<ExportResult["status"], string> = {
  verified: "verified",
  unchanged: "unchanged since its last export, verified again",
  incomplete: "saved and verified, but not all of it",
  unconfirmed: "saved, but the folder could not be flushed: it may not survive a power cut",
  empty: "nothing on disk yet, nothing to lose",
}

const words: Partial<Record<ExportResult["status"], string>> = {
  incomplete: "PARTLY  ",
  unconfirmed: "UNSURE  ",
}

/** On a terminal more than these are said in one line each. */
const manyExports = 8

export function showExport(report: ExportReport, facts: ExportFacts, out: Output): void {
  const { paint } = out
  const brief = out.columns !== null && report.exports.length > manyExports
  for (const { session, result } of report.exports) {
    const id = session.id?.slice(0, 8) ?? `pid ${session.process?.pid}`
    const word = words[result.status] ?? "saved   "
    const size = result.files === 0 ? "" : ` · ${saySize(result.bytes)} in ${count(result.files, "file")}`
    out.print(
      `${(word === "saved   " ? paint.green : paint.yellow)(word)} ${id} · ${sayStatus[result.status]}${size}`,
    )
    for (const { path, why } of result.missing ?? [])
      out.print(paint.yellow(`         missing: ${plain(shortPath(path, facts.home))}: ${plain(why)}`))
    if (brief) continue // its name says id and time, and the folder is named below
    if (result.path !== null) out.print(`         ${plain(shortPath(result.path, facts.home))}`)
    if (result.sha256 !== null) out.print(paint.dim(`         sha256 ${result.sha256}`))
    if (result.md5 !== null) out.print(paint.dim(`         md5    ${result.md5}`))
  }
  for (const { session, error } of report.failures) {
    const who = session === null ? "not seen" : (session.id?.slice(0, 8) ?? "no id")
    // safety: plain-failure
    out.print(`${paint.red("FAILED  ")} ${who} · ${plain(error.message)}`)
    out.print(`         ${plain(error.hint)}`)
  }
  const [summary, next] = closing(report, facts)
  out.print(summary)
  if (facts.next !== false) out.print(next)
}
