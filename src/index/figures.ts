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

export interface IndexStats {
  readonly sessions: number
  readonly parts: number
  readonly sources: { readonly present: number; readonly missing: number; readonly former: number }
  /** Bytes of the files that were read and are still there. */
  readonly bytes: number
  readonly damaged: number
  /** Milliseconds since 1970. */
  readonly first: number | null
  readonly last: number | null
  readonly byAgent: readonly { readonly agent: string; readonly sessions: number; readonly parts: number }[]
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

export function statsOf(database: Database): IndexStats {
  const one = <T>(sql: string) => database.query<T, []>(sql).get() as T
  const sums = one<{ sessions: number; parts: number; first: number | null; last: number | null }>(
    `select count(*) as sessions, coalesce(sum(parts), 0) as parts, min(first) as first, max(last) as last
     from session where parts > 0`,
  )
  const files = one<{ present: number; missing: number; former: number; bytes: number; damaged: number }>(
    `select coalesce(sum(state = 'present'), 0) as present, coalesce(sum(state = 'missing'), 0) as missing,
       coalesce(sum(state = 'former'), 0) as former, coalesce(sum(iif(state = 'present', size, 0)), 0) as bytes,
       coalesce(sum(damaged), 0) as damaged from source`,
  )
  const byAgent = database
    .query<IndexStats["byAgent"][number], []>(
      `select agent, count(*) as sessions, sum(parts) as parts from session where parts > 0 group by agent
       order by parts desc`,
    )
    .all()
  const { bytes, damaged, ...sources } = files
  return { ...sums, sources, bytes, damaged, byAgent }
}
