import type { Difference } from "./compare.ts"
import { type Facts, type Group, groups } from "./facts.ts"

const order = ["added", "gone", "changed"] as const
const mark = { added: "+", gone: "-", changed: "~" } as const

/** What a maintainer reads: grouped, new things first, and the groups in which nothing differs in one line. */
export function report(before: Facts, after: Facts, differences: readonly Difference[]): string {
  const quiet = groups.filter((group) => !differences.some((each) => each.group === group))
  const lines = [
    `claude ${after.version}, compared with ${before.version}: + new, - gone, ~ changed`,
    ...notDriven(before, after),
    ...groups
      .filter((group) => !quiet.includes(group))
      .flatMap((group) => ["", ...section(group, differences, after)]),
    ...(quiet.length > 0 ? ["", `Nothing differs in: ${quiet.join(", ")}.`] : []),
  ]
  return `${lines.join("\n")}\n`
}

function section(group: Group, differences: readonly Difference[], after: Facts): string[] {
  const own = differences.filter((each) => each.group === group)
  const usual = group === "records" ? (after.shapes.records.user ?? []) : []
  const shown = (each: Difference) => entry(each.kind === "added" ? without(usual, each) : each)
  return [group, ...order.flatMap((kind) => own.filter((each) => each.kind === kind).flatMap(shown))]
}

/** Of a new kind of record, the fields that every message has too are not worth saying. */
function without(usual: readonly string[], difference: Difference): Difference {
  return { ...difference, added: difference.added.filter((detail) => !usual.includes(detail)) }
}

/** A thing that is gone takes its details along: they are not worth lines of their own. */
function entry({ kind, name, added, gone }: Difference): string[] {
  const details = [
    ...added.map((detail) => `${kind === "changed" ? "+ " : ""}${detail}`),
    ...(kind === "changed" ? gone.map((detail) => `- ${detail}`) : []),
  ]
  return [`  ${mark[kind]} ${name}`, ...wrapped(details, 104).map((line) => `      ${line}`)]
}

/** Details side by side, so that forty fields are five lines. */
function wrapped(details: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const detail of details) {
    const joined = `${lines.at(-1)}   ${detail}`
    if (lines.length > 0 && joined.length <= width) lines[lines.length - 1] = joined
    else lines.push(detail)
  }
  return lines
}

/** What one was driven through and the other was not explains what is missing. */
function notDriven(before: Facts, after: Facts): string[] {
  const missing = (from: Facts, other: Facts) =>
    other.situations.filter((each) => !from.situations.includes(each))
  return [after, before].flatMap((facts) => {
    const names = missing(facts, facts === after ? before : after)
    return names.length > 0 ? [`${facts.version} was not driven through: ${names.join(", ")}`] : []
  })
}
