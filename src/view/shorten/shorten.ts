import { shortId } from "../../domain/session/session-id.ts"
import type { Subject } from "../../operations/repair/subject.ts"
import type { FileThen } from "../../operations/shorten/kept-files.ts"
import type { Cut } from "../../operations/shorten/shorten.ts"
import { count, shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import { nextForReal } from "../terminal/next-step.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"

export interface ShortenReport {
  readonly subject: Pick<Subject, "id" | "path">
  readonly cut: Cut
  readonly files: readonly FileThen[]
  /** Paths of the files that were written; null when only the conversation is. */
  readonly written: readonly string[] | null
  readonly dryRun: boolean
}

const maxListed = 8

/** `restore ID --before POINT`: what the copy has, and the files as they were. */
export function showShorten(report: ShortenReport, home: string, out: SystemOutput): void {
  const { subject, cut, files, written, dryRun } = report
  const label = out.paint.yellow(dryRun ? "dry run   " : "earlier   ")
  out.print(
    `${label}${shortId(subject.id)}: the first ${cut.messages} of ${count(cut.of, "message")}${dryRun || written !== null ? "" : `, as ${shortId(cut.id)}`}`,
  )
  const margin = " ".repeat(10)
  const there = files.filter(({ stored }) => stored !== null)
  if (files.length > 0)
    out.print(
      `${margin}${count(files.length, "file")} had been changed by then; a copy of ${there.length} is kept:`,
    )
  for (const { path, copy, stored } of files.slice(0, maxListed)) {
    const why = stored !== null ? "" : copy === null ? " (did not exist)" : " (its copy is gone)"
    out.print(`${margin}  ${sanitize(shortPath(path, home))}${why}`)
  }
  if (files.length > maxListed)
    out.print(`${margin}  … and ${files.length - maxListed} more (--json lists all)`)
  if (written !== null) {
    out.print(`${margin}${count(written.length, "file")} written; the conversation was not copied`)
    return
  }
  if (there.length > 0) out.print(`${margin}write them: add --files --to FOLDER`)
  if (dryRun) out.print(`Nothing was changed.\n${nextForReal(out)}`)
}

export function shortenDocument<Facts>(
  report: ShortenReport,
  restore: Facts | null,
  warnings: readonly string[],
) {
  const { subject, cut, files, written, dryRun } = report
  return {
    schemaVersion,
    from: { id: String(subject.id), path: subject.path },
    id: dryRun || written !== null ? null : String(cut.id),
    messages: cut.messages,
    of: cut.of,
    dryRun,
    files: files.map(({ path, stored }) => ({ path, copy: stored })),
    written,
    restore,
    warnings,
  }
}
