import type { DiffItem, DiffReport } from "../../operations/diff/diff.ts"
import { count, formatMinute, shortPath } from "../terminal/format.ts"
import { iso, schemaVersion } from "../terminal/json.ts"
import type { SystemOutput } from "../terminal/output.ts"
import { fitColumns, sanitize } from "../terminal/sanitize.ts"

export interface DiffFacts {
  readonly home: string
  /** At most this many records of each kind; null: all. */
  readonly limit: number | null
}

/** The records that only one of the two has, and those that differ. */
export function showDiff(report: DiffReport, { home, limit }: DiffFacts, out: SystemOutput): void {
  const { one, other, same, changed, moved } = report
  const short = (path: string) => sanitize(shortPath(path, home))
  out.print(`A  ${short(one.path)} (${count(one.records, "record")})`)
  out.print(`B  ${short(other.path)} (${count(other.records, "record")})`)
  printItems(one.only, out.paint.red("only A  "), limit, out)
  printItems(other.only, out.paint.green("only B  "), limit, out)
  printItems(
    changed.map((each) => each.other),
    out.paint.yellow("differs "),
    limit,
    out,
  )
  const facts = [
    `${count(same, "record")} the same`,
    ...(one.only.length > 0 ? [`${one.only.length} only in A`] : []),
    ...(other.only.length > 0 ? [`${other.only.length} only in B`] : []),
    ...(changed.length > 0 ? [`${changed.length} that differ`] : []),
    ...(moved > 0 ? [`${moved} in another order`] : []),
    ...(one.unread > 0 ? [`A has ${count(one.unread, "stretch", "stretches")} that cannot be read`] : []),
    ...(other.unread > 0 ? [`B has ${count(other.unread, "stretch", "stretches")} that cannot be read`] : []),
  ]
  out.print(`${facts.join(", ")}.`)
}

function printItems(
  items: readonly DiffItem[],
  label: string,
  limit: number | null,
  out: SystemOutput,
): void {
  const shown = limit === null ? items : items.slice(0, limit)
  for (const { speaker, type, time, text } of shown) {
    const when = time === null ? "" : `${formatMinute(time)} `
    const line = `${when}${speaker ?? sanitize(type)}: ${sanitize(text.replace(/\s+/g, " "))}`
    out.print(`${label}${out.columns === null ? line : fitColumns(line, out.columns - 8)}`)
  }
  if (shown.length < items.length)
    out.print(`${label}… and ${items.length - shown.length} more (--all lists them)`)
}

export function diffDocument(report: DiffReport, warnings: readonly string[]) {
  const { one, other, same, changed, moved } = report
  return {
    schemaVersion,
    a: sideFacts(one),
    b: sideFacts(other),
    same,
    moved,
    changed: changed.map((each) => ({ a: itemFacts(each.one), b: itemFacts(each.other) })),
    warnings,
  }
}

function sideFacts({ path, records, only, unread }: DiffReport["one"]) {
  return { path, records, unread, only: only.map(itemFacts) }
}

function itemFacts({ time, ...item }: DiffItem) {
  return { ...item, time: iso(time) }
}
