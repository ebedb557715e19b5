import type { Database } from "../../system/sqlite/database.ts"

export interface IndexStats {
  readonly sessions: number
  readonly parts: number
  readonly sources: { readonly present: number; readonly missing: number; readonly superseded: number }
  /** Bytes of the files that were read and still exist. */
  readonly bytes: number
  readonly damaged: number
  /** Milliseconds since 1970. */
  readonly first: number | null
  readonly last: number | null
  readonly byAgent: readonly { readonly agent: string; readonly sessions: number; readonly parts: number }[]
}

export function statsOf(database: Database): IndexStats {
  const one = <T>(sql: string) => database.query<T, []>(sql).get() as T
  const sums = one<{ sessions: number; parts: number; first: number | null; last: number | null }>(
    `select count(*) as sessions, coalesce(sum(parts), 0) as parts, min(first) as first, max(last) as last
     from session where parts > 0`,
  )
  const files = one<{ present: number; missing: number; superseded: number; bytes: number; damaged: number }>(
    `select coalesce(sum(state = 'present'), 0) as present, coalesce(sum(state = 'missing'), 0) as missing,
       coalesce(sum(state = 'superseded'), 0) as superseded, coalesce(sum(iif(state = 'present', size, 0)), 0) as bytes,
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
