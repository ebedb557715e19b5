import type { Database } from "../system/database.ts"
import { bare, escaped, type Filters, isIn } from "./filters.ts"

export interface TokenUse {
  /** The day as the given offset of the clock counts it, the session's id, or the model's name. */
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
  /** What the local clock is ahead of UTC, for days. */
  readonly offsetMs?: number
  readonly limit: number
}

/** `group`: what is summed up. Times are those of whole hours. */
export function tokensBy(
  database: Database,
  group: "day" | "session" | "model",
  options: TokenOptions,
): TokenUse[] {
  const hour = 3_600_000
  const { since = 0, until = Number.MAX_SAFE_INTEGER, offsetMs = 0, limit } = options
  const like = (piece: string | undefined) => (piece === undefined ? null : `%${escaped(piece)}%`)
  const session = options.session === undefined ? null : `${escaped(options.session)}%`
  const by = {
    day: `date((spent.hour * ${hour} + ${Math.trunc(offsetMs)}) / 1000, 'unixepoch')`,
    session: "session.uuid",
    model: "coalesce(model.value, 'unknown')",
  }[group]
  const order = group === "day" ? "1 desc" : "sum(spent.output) desc"
  return database
    .query<TokenUse, [number, number, number, ...(string | null)[]]>(
      `select ${by} as "of", ${group === "session" ? "session.title" : "null"} as title, sum(spent.input) as input,
         sum(cache_write) as cacheWrite, sum(cache_read) as cacheRead, sum(output) as output, sum(answers) as answers
       from spent join session on session.id = spent.session left join name model on model.id = spent.model
         left join name project on project.id = session.project
       where spent.hour >= ?1 and spent.hour < ?2 and (?4 is null or session.uuid like ?4 escape '\\')
         and (?5 is null or project.value like ?5 escape '\\') and (?6 is null or session.agent like ?6 escape '\\')
         and (?7 is null or ${isIn("project.value", "?7")})
       group by 1 order by ${order} limit ?3`,
    )
    .all(
      Math.floor(since / hour),
      Math.ceil(until / hour),
      limit,
      session,
      like(options.project),
      like(options.agent),
      options.folder === undefined ? null : bare(options.folder),
    )
}
