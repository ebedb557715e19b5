import { contextPercent } from "../../domain/listing/context-percent.ts"
import type { Session } from "../../domain/session/session.ts"
import { shortId } from "../../domain/session/session-id.ts"
import type { UsageReport } from "../../operations/usage/usage-report.ts"
import { count, shortPath } from "../terminal/format.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, pad, sanitize } from "../terminal/sanitize.ts"
import { formatTokens, shareBar, type TableRow, usageTable } from "./usage-table.ts"

export const usageTables = ["day", "model", "project", "session"] as const
export type UsageTableName = (typeof usageTables)[number]

export interface UsageView {
  readonly report: UsageReport
  /** The table asked for besides the one by model. */
  readonly by: UsageTableName | null
  /** Rows of a table; null: as many as fit a screen. */
  readonly limit: number | null
  readonly home: string
  /** The narrowing flags as typed; empty when there were none. */
  readonly typed: string
}

const defaultRows = 10
const defaultDays = 14
const maxUnreadLines = 5

export function showUsage(view: UsageView, out: Output): void {
  const { report, by } = view
  const { dim } = out.paint
  if (report.all.use.answers === 0)
    out.print(`No token usage found${view.typed === "" ? "" : ` with ${sanitize(view.typed)}`}.`)
  else {
    const hasCosts = report.all.cost !== null
    out.print(dim(`Tokens by the records of each session; days in ${sanitize(report.calendar.zone)} time`))
    for (const line of usageTable(summaryRows(report), { hasCosts, hasBars: false }, out)) out.print(line)
    showTable("model", view, out)
    if (by !== null && by !== "model") showTable(by, view, out)
    showPricing(report, out)
  }
  showLive(report.live, out)
  showCoverage(view, out)
  out.print(nextStep(view))
}

function nextStep({ report, by }: UsageView): string {
  if (report.all.use.answers === 0) return "Next: session-rescue --status --all"
  if (by === null) return "Next: session-rescue usage --by day   (or --by project, --by session)"
  return "Next: session-rescue --status   (the sessions, and how full each context is)"
}

function summaryRows({ today, last7Days, all, since, calendar }: UsageReport): readonly TableRow[] {
  const rows = [
    ...(today === null ? [] : [{ ...today, label: "Today" }]),
    ...(last7Days === null ? [] : [{ ...last7Days, label: "Last 7 days" }]),
  ]
  return [...rows, { ...all, label: since === null ? "All" : `Since ${formatSince(since, calendar.zone)}` }]
}

function formatSince(since: number, zone: string): string {
  const parts = {
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
  } as const
  return new Intl.DateTimeFormat("sv-SE", { ...parts, timeZone: zone }).format(since)
}

function showTable(name: UsageTableName, view: UsageView, out: Output): void {
  const rows = tableRows(name, view)
  const limit = view.limit ?? (name === "day" ? defaultDays : defaultRows)
  const hasCosts = view.report.all.cost !== null
  out.print("")
  out.print(out.paint.bold(`By ${name}`))
  for (const line of usageTable(rows.slice(0, limit), { hasCosts, hasBars: true }, out)) out.print(line)
  if (rows.length > limit)
    out.print(out.paint.dim(`… ${rows.length - limit} more: --by ${name} --limit ${rows.length}`))
}

function tableRows(name: UsageTableName, { report, home }: UsageView): readonly TableRow[] {
  switch (name) {
    case "day":
      return report.byDay.map((row) => ({ ...row, label: row.key ?? "no time given" }))
    case "model":
      return report.byModel.map((row) => ({ ...row, label: sanitize(row.key ?? "no model named") }))
    case "project":
      return report.byProject.map((row) => ({
        ...row,
        label: row.key === null ? "no folder named" : sanitize(shortPath(row.key, home)),
        keepsEnd: true,
      }))
    case "session":
      return report.bySession.map((row) => ({ ...row, label: sessionLabel(row.key.id, row.title) }))
  }
}

function sessionLabel(id: Session["id"], title: string | null): string {
  return `${id === null ? "no id" : shortId(id)} ${sanitize(title ?? "")}`.trimEnd()
}

function showPricing({ all, unpricedModels }: UsageReport, out: Output): void {
  if (all.cost === null || unpricedModels.length === 0) return
  const names = unpricedModels.map((model) => sanitize(model ?? "no model named"))
  out.print(out.paint.dim(`+ without ${names.join(", ")}: no prices in the config file`))
}

const maxContextBar = 10

function showLive(live: readonly Session[], out: Output): void {
  if (live.length === 0) return
  out.print("")
  out.print(out.paint.bold("Context of running sessions"))
  const facts = live.map(describeContext)
  const width = Math.max(...facts.map((fact) => Bun.stringWidth(fact)))
  const barColumns = out.columns !== null && out.columns < 60 ? 5 : maxContextBar
  const room = (out.columns ?? 100) - width - barColumns - 2
  const labels = live.map((session) => sessionLabel(session.id, session.title))
  const label = Math.min(room, Math.max(...labels.map((text) => Bun.stringWidth(text))))
  for (const [index, session] of live.entries()) {
    const percent = contextPercent(session)
    const bar = percent === null ? "" : ` ${paintFill(percent, out)(shareBar(percent, 100, barColumns))}`
    const text = fitColumns(labels[index] ?? "", Math.max(8, label))
    out.print(`${pad(text, label)} ${(facts[index] ?? "").padStart(width)}${bar}`)
  }
}

function describeContext(session: Session): string {
  const { contextTokens: tokens, contextWindow: window } = session
  const percent = contextPercent(session)
  if (tokens === null) return "unknown"
  if (window == null || percent === null) return `${formatTokens(tokens)}, window unknown`
  return `${formatTokens(session.contextInputTokens ?? tokens)} of ${formatTokens(window)} ${`${percent}`.padStart(3)} %`
}

function paintFill(percent: number, { paint }: Output): (text: string) => string {
  return percent >= 90 ? paint.red : percent >= 75 ? paint.yellow : paint.green
}

function showCoverage({ report: { coverage } }: UsageView, out: Output): void {
  const { onDisk, outOf, fromExports, unsupported, unread, damagedLines } = coverage
  const { dim, yellow } = out.paint
  out.print("")
  const of = onDisk === outOf ? "" : `${onDisk} of `
  const saved = fromExports === 0 ? "" : `, and ${count(fromExports, "deleted one")} in exports`
  out.print(dim(`From ${of}${count(outOf, "session")} on this machine${saved}.`))
  out.print(dim("What a client deleted before it was saved is not counted."))
  if (unsupported > 0) out.print(dim(`${count(unsupported, "session")} of other agents not counted.`))
  if (unread.length > 0) out.print(yellow(`${count(unread.length, "file")} could not be read:`))
  for (const { path, why } of unread.slice(0, maxUnreadLines))
    out.print(`  ${sanitize(path)}: ${sanitize(why)}`)
  if (unread.length > maxUnreadLines) out.print(`  … ${unread.length - maxUnreadLines} more: --json`)
  if (damagedLines > 0) out.print(yellow(`${count(damagedLines, "damaged line")} left out.`))
}
