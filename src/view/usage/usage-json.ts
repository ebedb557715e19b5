import { contextPercent } from "../../domain/listing/context-percent.ts"
import type { Session } from "../../domain/session/session.ts"
import { totalTokens } from "../../domain/usage/token-counts.ts"
import type { UsageReport } from "../../operations/usage/usage-report.ts"
import type { UsageSum } from "../../operations/usage/usage-tables.ts"
import { iso, schemaVersion } from "../terminal/json.ts"

export function usageDocument(report: UsageReport, limit: number | null, warnings: readonly string[]) {
  const { today, last7Days, all, since, coverage, unpricedModels } = report
  const some = <T>(rows: readonly T[]) => rows.slice(0, limit ?? rows.length)
  return {
    schemaVersion,
    timeZone: report.calendar.zone,
    since: iso(since),
    today: today === null ? null : sumDocument(today),
    last7Days: last7Days === null ? null : sumDocument(last7Days),
    all: sumDocument(all),
    days: some(report.byDay).map((row) => ({ day: row.key, ...sumDocument(row) })),
    models: some(report.byModel).map((row) => ({ model: row.key, ...sumDocument(row) })),
    projects: some(report.byProject).map((row) => ({ project: row.key, ...sumDocument(row) })),
    sessions: some(report.bySession).map(({ key, title, ...sum }) => ({
      id: key.id,
      agent: key.agent,
      title,
      project: key.cwd,
      deleted: key.found === null,
      ...sumDocument(sum),
    })),
    unpricedModels,
    live: report.live.map(liveDocument),
    coverage: {
      sessions: coverage.onDisk,
      outOf: coverage.outOf,
      fromExports: coverage.fromExports,
      unsupported: coverage.unsupported,
      unread: coverage.unread.map(({ path, why }) => ({ path, why })),
      damagedLines: coverage.damagedLines,
    },
    warnings,
  }
}

function sumDocument({ use, cost, isPartlyPriced }: UsageSum) {
  const { input, cacheWrite, cacheRead, output, answers } = use
  return {
    input,
    cacheWrite,
    cacheRead,
    output,
    total: totalTokens(use),
    answers,
    cost,
    partlyPriced: isPartlyPriced,
  }
}

function liveDocument(session: Session) {
  return {
    id: session.id,
    agent: session.agent,
    pid: session.process?.pid ?? null,
    title: session.title,
    cwd: session.cwd,
    model: session.model ?? null,
    contextTokens: session.contextTokens,
    contextWindow: session.contextWindow ?? null,
    contextPercent: contextPercent(session),
  }
}
