import { shortId } from "../../domain/session/session-id.ts"
import type { IndexStats, TokenUsage } from "../../operations/search/search.ts"
import { count, formatSize, shortPath } from "../terminal/format.ts"
import { iso, schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"

export function showIndexStats(stats: IndexStats, facts: { path: string; home: string }, out: Output): void {
  const { sources } = stats
  const span =
    stats.first === null ? "" : `, from ${iso(stats.first)?.slice(0, 10)} to ${iso(stats.last)?.slice(0, 10)}`
  out.print(`${count(stats.sessions, "session")}, ${count(stats.parts, "message part")}${span}`)
  out.print(
    `${count(sources.present, "file")} read (${formatSize(stats.bytes)}), ${sources.missing + sources.superseded} since deleted or rewritten, ${count(stats.damaged, "damaged line")} skipped`,
  )
  for (const { agent, sessions, parts } of stats.byAgent)
    out.print(`  ${sanitize(agent)}: ${count(sessions, "session")}, ${count(parts, "message part")}`)
  out.print(`Index: ${sanitize(shortPath(facts.path, facts.home))}`)
  out.print("Next: session-rescue cxq --recent 20")
}

type TokenTables = Record<"day" | "session" | "model", readonly TokenUsage[]>

export function showTokenUsage(use: TokenTables, limit: number, out: Output): void {
  for (const [by, rows] of Object.entries(use)) {
    out.print(out.paint.bold(`By ${by}:`))
    for (const row of rows) {
      const name = by === "session" ? `${shortId(row.key)} ${row.title ?? ""}` : row.key
      const figures = [
        `${number(row.input)} in`,
        `${number(row.cacheWrite)} written to cache`,
        `${number(row.cacheRead)} read from it`,
        `${number(row.output)} out`,
        count(row.answers, "answer"),
      ]
      out.print(`  ${pad(sanitize(name), 24)} ${figures.join(" · ")}`)
    }
    if (rows.length === 0) out.print("  nothing")
    if (rows.length === limit) out.print(`  … only ${limit} are shown: --limit ${10 * limit}`)
  }
  out.print("Next: session-rescue cxq --tokens --since 7d")
}

const number = (value: number) => value.toLocaleString("en-US")

export function statsDocument(stats: IndexStats, path: string, warnings: readonly string[]) {
  return { schemaVersion, path, ...stats, first: iso(stats.first), last: iso(stats.last), warnings }
}

export function tokensDocument(use: TokenTables, warnings: readonly string[]) {
  return { schemaVersion, tokens: use, warnings }
}
