import { parseExportName } from "../../domain/export/export.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { ProcessedExport, ProcessingReport } from "../../pipeline/queue/processing.ts"
import { count, shortPath } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { formatSessionLine } from "../terminal/session-line.ts"

export function showArchive(
  report: ProcessingReport,
  facts: { home: string; archive: string; dryRun: boolean; verbose?: boolean },
  out: Output,
): void {
  const { paint } = out
  const short = (path: string) => sanitize(shortPath(path, facts.home))
  for (const each of report.exports) {
    if (each.archived !== null) {
      out.print(formatProcessed(paint.green(facts.dryRun ? "to move  " : "archived "), each, [], out))
      if (facts.verbose && !facts.dryRun) out.print(`         ${short(each.archived)}`)
    } else if (each.failure !== null) {
      out.print(formatProcessed(paint.red("FAILED   "), each, [], out))
      out.print(`         ${sanitize(each.failure.message)}`)
      out.print(`         ${sanitize(each.failure.hint)}`)
    } else {
      const why = each.busy
        ? "another run is working on it"
        : `not processed yet: ${each.waitsFor.join(", ")}`
      out.print(formatProcessed(paint.yellow("waits    "), each, [sanitize(why)], out))
    }
  }
  const places = archivedIn(report.exports, facts.archive).map(short).join(" and ")
  for (const line of closing(report, places, facts.dryRun)) out.print(line)
}

/** A file that was copied manually has no id, only its name. */
export function formatProcessed(
  label: string,
  { name, title }: Pick<ProcessedExport, "name" | "title">,
  facts: readonly string[],
  out: Output,
): string {
  const id = shortId(parseExportName(name)?.id) ?? sanitize(name)
  return formatSessionLine({ label, id, title, facts }, out.columns)
}

function closing({ exports, interrupted }: ProcessingReport, place: string, dryRun: boolean): string[] {
  const number = (which: (each: ProcessedExport) => boolean) => exports.filter(which).length
  const archived = number((each) => each.archived !== null)
  const failed = number((each) => each.failure !== null)
  const waiting = number((each) => each.archived === null && each.failure === null)
  if (interrupted)
    return [`Interrupted: ${count(archived, "export")} archived, the rest were not. Next: run it again`]
  if (exports.length === 0) return ["Nothing is pending.", "Next: session-rescue --export"]
  const process = "Next: session-rescue cx   (processes pending exports, then archives them)"
  if (dryRun) {
    const next = archived === 0 && waiting > 0 ? process : "Next: session-rescue archive"
    return [`${count(archived, "export")} would be moved to ${place}.`, next]
  }
  const next =
    failed > 0
      ? "Next: see the reasons above, then run it again"
      : waiting > 0
        ? process
        : "Next: session-rescue list   (lists the exports)"
  const done =
    archived === 0 ? "Nothing was archived" : `${count(archived, "export")} archived in ${place}, verified`
  const stay = number((each) => each.archived === null && !each.busy)
  const rest = stay === 0 ? "" : `, ${count(stay, "stays pending", "stay pending")}`
  return [`${done}${rest}.`, next]
}

/** The archive folders of the agents whose exports were archived. */
export function archivedIn(exports: readonly ProcessedExport[], usual: string): readonly string[] {
  const folder = (path: string) => path.replace(/(\/sessions-export-archive-[^/]*)\/.*$/s, "$1")
  const folders = new Set(exports.flatMap(({ archived }) => (archived === null ? [] : folder(archived))))
  return folders.size === 0 ? [usual] : [...folders]
}
