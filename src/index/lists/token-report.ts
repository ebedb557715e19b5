import type { Database } from "../../system/sqlite/database.ts"
import { escaped, type Filters, projectsOf } from "../query/filters.ts"

export interface TokenUse {
  /** The day, the session's id, or the model's name. */
  readonly of: string
  readonly title: string | null
  readonly input: number
  readonly cacheWrite: number
  readonly cacheRead: number
  readonly output: number
  readonly answers: number
}

export interface TokenOptions
  extends Pick<Filters, "since" | "until" | "session" | "project" | "folder" | "agent"> {
  /** The day that a time falls in, as 2026-11-22; left out: in UTC. */
  readonly dayOf?: (time: number) => string
  readonly limit: number
}

const hour = 3_600_000
/** When, or what, no record says. */
const unknown = "unknown"

/** `group`: what is summed up. Times are those of whole hours. */
export function tokensBy(
  database: Database,
  group: "day" | "session" | "model",
  options: TokenOptions,
): TokenUse[] {
  const { limit, dayOf = (time) => new Date(time).toISOString().slice(0, 10) } = options
  if (group !== "day") return sums(database, group, options, limit)
  // a clock that is put forward and back counts another day in summer than in winter: only whole hours are the same
  const days = new Map<string, TokenUse>()
  for (const { of, ...use } of sums(database, "hour", options, Number.MAX_SAFE_INTEGER)) {
    const day = Number(of) === 0 ? unknown : dayOf(Number(of) * hour)
    const other = days.get(day)
    days.set(day, { of: day, ...(other === undefined ? use : added(use, other)) })
  }
  const key = ({ of }: TokenUse) => (of === unknown ? "" : of)
  return [...days.values()].sort((a, b) => (key(a) < key(b) ? 1 : -1)).slice(0, limit)
}

function added(a: Omit<TokenUse, "of">, b: TokenUse): Omit<TokenUse, "of"> {
  return {
    title: null,
    input: a.input + b.input,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    cacheRead: a.cacheRead + b.cacheRead,
    output: a.output + b.output,
    answers: a.answers + b.answers,
  }
}

function sums(
  database: Database,
  group: "hour" | "session" | "model",
  options: TokenOptions,
  limit: number,
): TokenUse[] {
  const { since = 0, until = Number.MAX_SAFE_INTEGER } = options
  const session = options.session === undefined ? null : `${escaped(options.session)}%`
  const projects = projectsOf(database, options)
  const by = {
    hour: "spent.hour",
    session: "session.uuid",
    model: `coalesce(model.value, '${unknown}')`,
  }[group]
  return database
    .query<TokenUse, [number, number, number, ...(string | null)[]]>(
      `select ${by} as "of", ${group === "session" ? "session.title" : "null"} as title, sum(spent.input) as input,
         sum(cache_write) as cacheWrite, sum(cache_read) as cacheRead, sum(output) as output, sum(answers) as answers
       from spent join session on session.id = spent.session left join name model on model.id = spent.model
       where spent.hour >= ?1 and spent.hour < ?2 and (?4 is null or session.uuid like ?4 escape '\\')
         and (?5 is null or session.project in (select value from json_each(?5))) and (?6 is null or session.agent like ?6 escape '\\')
       group by 1 order by sum(spent.output) desc limit ?3`,
    )
    .all(
      Math.floor(since / hour),
      Math.ceil(until / hour),
      limit,
      session,
      projects === null ? null : JSON.stringify(projects),
      options.agent === undefined ? null : `%${escaped(options.agent)}%`,
    )
}
