import type { RowLine } from "../../domain/rows/rows.ts"
import type { Database } from "../../system/sqlite/database.ts"
import type { RowsFile } from "./compare-rows.ts"
import { quoteName } from "./tables.ts"
import { decodeValue } from "./values.ts"

/** Adds rows; one whose key is taken makes it throw, and nothing is ever replaced. */
export function insertRows(database: Database, rows: readonly RowLine[]): void {
  for (const { table, row } of rows) {
    const columns = Object.keys(row)
    const values = columns.map((column) => decodeValue(row[column] ?? null))
    const sql = `insert into ${quoteName(table)} (${columns.map(quoteName).join(", ")}) values (${values.map(({ as }) => as).join(", ")})`
    database.query(sql).run(...values.map(({ bound }) => bound))
  }
}

/** Makes the tables as the client had them. */
export function createTables(database: Database, { schema }: RowsFile): void {
  for (const { name, sql } of schema) {
    const isThere = database.query("select 1 from sqlite_master where name = ?").get(name) !== null
    if (!isThere) database.run(sql) // a virtual table has made some of its own
  }
}
