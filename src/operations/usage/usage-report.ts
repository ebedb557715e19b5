/** The report on token usage: sums, tables, and how full the contexts of live sessions are. */

import type { ProgressReporter } from "../../domain/progress.ts"
import { isInProject, type ProjectFilter } from "../../domain/project-filter.ts"
import type { FoundSession, Session } from "../../domain/session/session.ts"
import type { Prices } from "../../domain/usage/prices.ts"
import { detectAll, examine } from "../../pipeline/detect.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import { collectPeriodically } from "../../system/runtime/gc.ts"
import type { Calendar } from "./calendar.ts"
import { type CountedSession, readUsage, type UsageReading } from "./read-usage.ts"
import { type UsageFile, type UsageSession, usageSources } from "./usage-sources.ts"
import { sumUsage, type UsageRow, type UsageSum, unpricedModels, usageBy } from "./usage-tables.ts"
import type { UsageBucket } from "./usage-tally.ts"

export interface UsageRequest {
  readonly calendar: Calendar
  readonly since: number | null
  readonly project: ProjectFilter | null
  /** null: all. */
  readonly agent: string | null
  readonly prices: Prices
  /** Rows of sessions whose titles are read; null: all. */
  readonly titles: number | null
}

interface SessionUsage extends UsageRow<CountedSession> {
  readonly title: string | null
}

export interface UsageReport {
  readonly calendar: Calendar
  readonly since: number | null
  /** null with `since`: a part of them would be reported as the whole. */
  readonly today: UsageSum | null
  readonly last7Days: UsageSum | null
  readonly all: UsageSum
  /** Newest first. */
  readonly byDay: readonly UsageRow<string | null>[]
  readonly byModel: readonly UsageRow<string | null>[]
  readonly byProject: readonly UsageRow<string | null>[]
  readonly bySession: readonly SessionUsage[]
  readonly unpricedModels: readonly (string | null)[]
  /** Running sessions, fullest context first. */
  readonly live: readonly Session[]
  readonly coverage: UsageCoverage
}

interface UsageCoverage {
  /** Sessions on disk: with a project, those of them that used tokens there. */
  readonly onDisk: number
  /** All sessions on disk. */
  readonly outOf: number
  /** Sessions read from exports, because their transcripts are gone. */
  readonly fromExports: number
  /** Found sessions of agents that do not record usage in a way this version can read. */
  readonly unsupported: number
  readonly unread: UsageReading["unread"]
  readonly damagedLines: number
}

/** `report`: progress for this many bytes. */
export async function reportUsage(
  request: UsageRequest,
  places: { readonly paths: Paths; readonly reporter: (bytes: number) => ProgressReporter },
  ctx: RunContext,
): Promise<UsageReport> {
  const { calendar, since, project, agent, prices } = request
  const found = await detectAll(ctx, agent)
  const {
    files,
    sessions: covered,
    unsupported,
  } = usageSources(found, { since, agent, paths: places.paths }, ctx)
  const reading = await readAll(files, request, places.reporter, ctx)
  const { sessions } = reading
  const isWanted = ({ cwd }: { cwd: string | null }) => project === null || isInProject(cwd, project)
  const wanted = new Set(sessions.flatMap((session, number) => (isWanted(session) ? [number] : [])))
  const buckets = reading.buckets.filter(({ session }) => wanted.has(session))
  // with `since`, files that were not written since then are covered without being read
  const counted: readonly UsageSession[] =
    project === null ? covered : sessions.filter((_, number) => wanted.has(number))
  const live = (await examineLive(found, ctx)).filter(isWanted)
  const onDays = (days: readonly string[]) =>
    sumUsage(
      buckets.filter(({ day }) => day !== null && days.includes(day)),
      prices,
    )
  const lastDays = (count: number) =>
    [...Array(count).keys()].map((back) => calendar.dayBefore(ctx.now, back))
  return {
    calendar,
    since,
    today: since === null ? onDays(lastDays(1)) : null,
    last7Days: since === null ? onDays(lastDays(7)) : null,
    all: sumUsage(buckets, prices),
    byDay: newestDayFirst(usageBy(buckets, ({ day }) => day, prices)),
    byModel: usageBy(buckets, ({ model }) => model, prices),
    byProject: usageBy(buckets, ({ session }) => sessions[session]?.cwd ?? null, prices),
    bySession: await sessionRows(buckets, sessions, request, ctx),
    unpricedModels: unpricedModels(buckets, prices),
    live,
    coverage: {
      onDisk: counted.filter((session) => session.found !== null).length,
      outOf: covered.filter((session) => session.found !== null).length,
      fromExports: counted.filter((session) => session.found === null).length,
      unsupported: unsupported.length,
      unread: reading.unread,
      damagedLines: reading.damagedLines,
    },
  }
}

async function readAll(
  files: readonly UsageFile[],
  { calendar, since }: UsageRequest,
  reporterFor: (bytes: number) => ProgressReporter,
  { signal }: RunContext,
): Promise<UsageReading> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0)
  const reporter = reporterFor(bytes)
  reporter.begin("", bytes)
  try {
    return await readUsage(files, { since, dayOf: calendar.dayOf, reporter, signal })
  } finally {
    reporter.end()
  }
}

function newestDayFirst(rows: readonly UsageRow<string | null>[]): readonly UsageRow<string | null>[] {
  return rows.toSorted((a, b) => ((a.key ?? "") < (b.key ?? "") ? 1 : -1))
}

async function sessionRows(
  buckets: readonly UsageBucket[],
  sessions: readonly CountedSession[],
  { prices, titles }: UsageRequest,
  ctx: RunContext,
): Promise<readonly SessionUsage[]> {
  const rows = usageBy(buckets, ({ session }) => session, prices).flatMap(({ key, ...sum }) => {
    const session = sessions[key]
    return session === undefined ? [] : [{ ...sum, key: session }]
  })
  const shown = titles ?? rows.length
  const titled: SessionUsage[] = []
  const letGo = collectPeriodically()
  for (const [index, row] of rows.entries()) {
    titled.push({ ...row, title: index < shown ? await titleOf(row.key, ctx) : null })
    letGo()
  }
  return titled
}

async function titleOf({ found, saved }: CountedSession, ctx: RunContext): Promise<string | null> {
  if (found === null) return saved?.manifest.session.title ?? null
  return (await tryExamine(found, ctx))?.title ?? null
}

async function examineLive(found: readonly FoundSession[], ctx: RunContext): Promise<readonly Session[]> {
  const running = found.filter(({ process }) => process !== null)
  const read = await Promise.all(running.map((session) => tryExamine(session, ctx)))
  const fill = (session: Session) => session.contextTokens ?? -1
  return read.flatMap((session) => session ?? []).sort((a, b) => fill(b) - fill(a))
}

/** null for a session that cannot be examined: its tokens count all the same. */
async function tryExamine(found: FoundSession, ctx: RunContext): Promise<Session | null> {
  try {
    return await examine(found, ctx)
  } catch (error) {
    ctx.warn(`${found.id ?? `pid ${found.process?.pid}`} could not be examined: ${error}`)
    return null
  }
}
