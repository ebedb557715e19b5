import type { Database } from "../system/database.ts"

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

/** `group`: what is summed up. `offsetMs`: what the local clock is ahead of UTC, for days. */
export function tokensBy(
  database: Database,
  group: "day" | "session" | "model",
  options: { since?: number; until?: number; offsetMs?: number; limit: number },
): TokenUse[] {
  const hour = 3_600_000
  const { since = 0, until = Number.MAX_SAFE_INTEGER, offsetMs = 0, limit } = options
  const by = {
    day: `date((spent.hour * ${hour} + ${Math.trunc(offsetMs)}) / 1000, 'unixepoch')`,
    session: "session.uuid",
    model: "coalesce(model.value, 'unknown')",
  }[group]
  const order = group === "day" ? "1 desc" : "sum(spent.output) desc"
  return database
    .query<TokenUse, [number, number, number]>(
      `select ${by} as "of", ${group === "session" ? "session.title" : "null"} as title, sum(spent.input) as input,
         sum(cache_write) as cacheWrite, sum(cache_read) as cacheRead, sum(output) as output, sum(answers) as answers
       from spent join session on session.id = spent.session left join name model on model.id = spent.model
       where spent.hour >= ? and spent.hour < ? group by 1 order by ${order} limit ?`,
    )
    .all(Math.floor(since / hour), Math.ceil(until / hour), limit)
}
