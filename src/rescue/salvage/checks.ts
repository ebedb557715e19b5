import type { Database } from "../../system/sqlite/database.ts"

/** Rows whose parent is lost: of each table, how many. */
export function countStray(
  database: Database,
): readonly { readonly table: string; readonly count: number }[] {
  const rows = database
    .query<{ table: string; count: bigint }, []>(
      `select "table", count(*) as count from pragma_foreign_key_check() group by "table"`,
    )
    .all()
  return rows.map(({ table, count }) => ({ table, count: Number(count) }))
}

export function isSound(database: Database): boolean {
  return database.query("pragma integrity_check(1)").values()[0]?.[0] === "ok"
}
