import type { Database } from "../../system/sqlite/database.ts"
import { escapeLike, type Filters, projectsOf } from "../query/filters.ts"

export interface TokenUsage {
  /** Day, session id or model name. */
  readonly key: string
  readonly title: string | null
  readonly input: number
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
  readonly answers: number
}

export interface TokenOptions extends Pick<Filters, "since" | "until" | "session" | "project" | "agent"> {
  /** The local day of a time, as 2026-11-22. Default: UTC. */
  readonly dayOf?: (time: number) => string
  readonly limit: number
}

const hourMs = 3_600_000
/** Key for records without a time or model. */
const unknown = "unknown"

/** `group`: key of the sums. Times have a resolution of one hour. */
export function tokenUsageBy(
  database: Database,
  group: "day" | "session" | "model",
  options: TokenOptions,
): TokenUsage[] {
  const { limit, dayOf = (time) => new Date(time).toISOString().slice(0, 10) } = options
  if (group !== "day") return sumUsage(database, group, options, limit)
  // offsets change with daylight saving time: convert each hour separately
  const days = new Map<string, TokenUsage>()
  for (const { key, ...use } of sumUsage(database, "hour", options, Number.MAX_SAFE_INTEGER)) {
    const day = Number(key) === 0 ? unknown : dayOf(Number(key) * hourMs)
    const other = days.get(day)
    days.set(day, { key: day, ...(other === undefined ? use : addUsage(use, other)) })
  }
  const dayKey = ({ key }: TokenUsage) => (key === unknown ? "" : key)
  return [...days.values()].sort((a, b) => (dayKey(a) < dayKey(b) ? 1 : -1)).slice(0, limit)
}

function addUsage(a: Omit<TokenUsage, "key">, b: TokenUsage): Omit<TokenUsage, "key"> {
  return {
    title: null,
    input: a.input + b.input,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    cacheRead: a.cacheRead + b.cacheRead,
    output: a.output + b.output,
    answers: a.answers + b.answers,
  }
}

function sumUsage(
  database: Database,
  group: "hour" | "session" | "model",
  options: TokenOptions,
  limit: number,
): TokenUsage[] {
  const { since = 0, until = Number.MAX_SAFE_INTEGER } = options
  const sessions = options.session === undefined ? null : [options.session].flat()
  const projects = projectsOf(database, options)
  const by = {
    hour: "token_usage.hour",
    session: "session.uuid",
    model: `coalesce(model.value, '${unknown}')`,
  }[group]
  return database
    .query<TokenUsage, [number, number, number, ...(string | null)[]]>(
      `select ${by} as key, ${group === "session" ? "session.title" : "null"} as title, sum(token_usage.input) as input,
         sum(cache_write) as cacheWrite, sum(cache_read) as cacheRead, sum(output) as output, sum(answers) as answers
       from token_usage join session on session.id = token_usage.session left join name model on model.id = token_usage.model
       where token_usage.hour >= ?1 and token_usage.hour < ?2 and (?4 is null or exists (select 1 from json_each(?4) as wanted where session.uuid like wanted.value escape '\\'))
         and (?5 is null or session.project in (select value from json_each(?5))) and (?6 is null or session.agent like ?6 escape '\\')
       group by 1 order by sum(token_usage.output) desc limit ?3`,
    )
    .all(
      Math.floor(since / hourMs),
      Math.ceil(until / hourMs),
      limit,
      sessions === null ? null : JSON.stringify(sessions.map((each) => `${escapeLike(each)}%`)),
      projects === null ? null : JSON.stringify(projects),
      options.agent === undefined ? null : `%${escapeLike(options.agent)}%`,
    )
}
