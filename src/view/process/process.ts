/** Shows the results of `cx` and the queue of pending exports. */

import type { IndexSummary } from "../../domain/conversation/index-summary.ts"
import type { VerifiedEntry } from "../../operations/exports/verify.ts"
import type { CxReport } from "../../operations/process/process.ts"
import type { FeedReport } from "../../operations/team-search/feed.ts"
import type { ProcessedExport, ProcessingReport } from "../../pipeline/queue/processing.ts"
import { feedDocument, showFeed } from "../team/search.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { errorDocument } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { sanitize } from "../terminal/sanitize.ts"
import { archivedIn, formatProcessed } from "./archive.ts"
import { processingDocument } from "./queue.ts"

interface Facts {
  readonly home: string
  readonly archive: string
  readonly indexed: boolean
  /** The paths of the archived files, too. */
  readonly verbose?: boolean
  /** What was sent to the team's index; null: nothing was to be sent. */
  readonly team?: FeedReport | null
}

export function showCx(report: CxReport, damaged: readonly VerifiedEntry[], facts: Facts, out: Output): void {
  const { paint } = out
  for (const each of report.exports) showOne(each, facts, out)
  for (const { entry, problems } of damaged) {
    const title = entry.kind === "export" ? entry.saved.manifest.session.title : null
    const why = sanitize(problems[0]?.message ?? "not what it was")
    out.print(formatProcessed(paint.red("DAMAGED  "), { name: entry.name, title }, [why], out))
    out.print(`         ${sanitize(shortPath(entry.path, facts.home))}`)
  }
  const { indexed } = report
  if (facts.indexed) showIndexed(report, facts, out)
  if (report.indexFailure !== null)
    out.print(
      `${paint.red("FAILED  ")} the index: ${sanitize(report.indexFailure.message)} (${sanitize(report.indexFailure.hint)})`,
    )
  if (facts.team !== undefined && facts.team !== null) showFeed(facts.team, out)
  out.print(closing(report, damaged.length, facts))
  out.print(nextStep(report, damaged.length, indexed, facts))
}

function showOne(each: ProcessedExport, facts: Facts, out: Output): void {
  const { paint } = out
  const { archived, failure, busy, outcomes } = each
  const show = (label: string, ...said: string[]) => out.print(formatProcessed(label, each, said, out))
  if (failure !== null) {
    show(paint.red("FAILED   "))
    out.print(`         ${sanitize(failure.message)}`)
    out.print(`         ${sanitize(failure.hint)}`)
  } else if (busy) show(paint.yellow("busy     "), "another run is working on it")
  else if (archived === null) show(paint.green("done     "), "stays pending")
  else show(paint.green("archived "), "verified")
  if (facts.verbose && archived !== null) out.print(`         ${sanitize(shortPath(archived, facts.home))}`)
  for (const { plugin, status, why, attempts } of outcomes) {
    if (status === "failed")
      out.print(
        `         ${paint.yellow(`! ${sanitize(plugin)} failed (try ${attempts}): ${sanitize(why ?? "")}`)}`,
      )
  }
}

function showIndexed({ indexed }: CxReport, { home }: Facts, out: Output): void {
  const { paint } = out
  for (const path of indexed.rewritten)
    out.print(
      paint.yellow(
        `! ${sanitize(shortPath(path, home))} was rewritten: indexed again; its earlier content is still searchable`,
      ),
    )
  for (const { path, why } of indexed.incomplete)
    out.print(paint.red(`! ${sanitize(shortPath(path, home))} was only partly read: ${sanitize(why)}`))
  for (const { path, offset, why } of indexed.skipped.slice(0, maxShownLines))
    out.print(
      paint.yellow(`! skipped in ${sanitize(shortPath(path, home))} at byte ${offset}: ${sanitize(why)}`),
    )
  const more = indexed.skippedCount - maxShownLines
  if (more > 0) out.print(paint.yellow(`! and ${more} more: session-rescue cx --json`))
}

const maxShownLines = 5

/** The closing line: sessions, messages, bytes, skipped lines, and speed. */
function closing(report: CxReport, damaged: number, facts: Facts): string {
  const { exports, indexed, sessionsSeen, durationMs } = report
  const number = (which: (each: ProcessedExport) => boolean) => exports.filter(which).length
  const archived = number((each) => each.archived !== null)
  const failed = number((each) => each.failure !== null) + damaged
  const parts = [
    `${count(exports.length + damaged, "export")} checked`,
    `${archived} archived${
      archived === 0
        ? ""
        : ` in ${archivedIn(exports, facts.archive)
            .map((folder) => sanitize(shortPath(folder, facts.home)))
            .join(" and ")}`
    }`,
    ...(failed > 0 ? [`${failed} FAILED and unchanged`] : []),
    ...(sessionsSeen > 0 ? [`${count(sessionsSeen, "session")} seen`] : []),
  ]
  if (!facts.indexed || report.indexFailure !== null) return `${parts.join(", ")}.`
  const rate =
    indexed.bytes > 0 && durationMs > 0 ? `, ${(indexed.bytes / 1e3 / durationMs).toFixed(1)} MB/s` : ""
  const skipped =
    indexed.skippedCount === 0 ? "no line skipped" : `${count(indexed.skippedCount, "damaged line")} skipped`
  const read =
    indexed.bytes === 0
      ? "nothing new"
      : `${count(indexed.messages, "new message part")} from ${formatSize(indexed.bytes)}`
  return `${parts.join(", ")}. Index: ${read}, ${skipped}${rate}.`
}

function nextStep(report: CxReport, damaged: number, indexed: IndexSummary, facts: Facts): string {
  if (report.interrupted) return "Interrupted: completed work is kept. Next: run it again for the rest"
  if (damaged > 0 || report.indexFailure !== null || report.exports.some((each) => each.failure !== null)) {
    return "Next: see the reasons above, then run it again   (session-rescue queue lists pending exports)"
  }
  const nothing = report.exports.length === 0 && report.sessionsSeen === 0 && indexed.read === 0
  if (nothing) return "Next: session-rescue --export, then cx again; or index the clients' homes: cx --live"
  return facts.indexed
    ? 'Next: session-rescue cxq "search words"   (or: cxq --recent 20)'
    : "Next: session-rescue list"
}

export interface DryRunFacts {
  /** null: nothing is archived. */
  readonly archiver: unknown
  /** Sessions and files to read besides the pending exports. */
  readonly read: number
}

export function showCxDryRun(
  { exports }: ProcessingReport,
  { archiver, read }: DryRunFacts,
  out: Output,
): void {
  for (const each of exports) {
    const { waitsFor, busy, failure } = each
    const todo = [
      ...(waitsFor.length > 0 ? [`run ${waitsFor.join(", ")}`] : []),
      ...(archiver === null ? [] : ["archive"]),
    ]
    const says =
      failure !== null
        ? `nothing: ${failure.message}`
        : busy
          ? "nothing: another run is working on it"
          : todo.join(", then ") || "nothing: fully processed"
    out.print(formatProcessed("", each, [sanitize(says)], out))
  }
  const todo = [
    exports.length === 0 ? "Nothing is pending." : `${count(exports.length, "export")} would be processed.`,
    ...(read === 0 ? [] : [`New content of ${count(read, "session")} would be indexed.`]),
    "Nothing was changed.",
  ]
  out.print(todo.join(" "))
  out.print(`Next: session-rescue ${exports.length + read === 0 ? "--export" : "cx"}`)
}

export function cxDryRunDocument(report: ProcessingReport, read: number, warnings: readonly string[]) {
  return { ...processingDocument(report, warnings), sessionsToRead: read, dryRun: true }
}

export function cxDocument(
  report: CxReport,
  damaged: readonly VerifiedEntry[],
  { warnings, team }: { readonly warnings: readonly string[]; readonly team: FeedReport | null },
) {
  const { indexed, sessionsSeen, durationMs, indexFailure } = report
  return {
    ...processingDocument(report, warnings),
    damaged: damaged.map(({ entry, problems }) => ({
      id: entry.id,
      name: entry.name,
      path: entry.path,
      problems,
    })),
    indexed,
    indexFailure: indexFailure === null ? null : errorDocument(indexFailure).error,
    sessionsSeen,
    durationMs: Math.round(durationMs),
    team: team === null ? null : feedDocument(team),
  }
}
