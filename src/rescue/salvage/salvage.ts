import type { Database } from "../../system/sqlite/database.ts"
import { type CutRow, type Row, readCells } from "./cells.ts"
import { freePages, type OpenedPages, type Pages } from "./pages.ts"
import { decodeText, findObjects, type Schema, type SchemaObject } from "./schema.ts"
import { fits, inserter, shapeOf, type TableShape } from "./tables.ts"
import { newWalk, type Walk, walkTree } from "./tree.ts"

/** What was found of one table, and what is known to be missing of it. */
interface SalvagedTable {
  readonly name: string
  readonly rows: number
  /** Of these, rows on pages that no readable page leads to. */
  readonly found: number
  /** Rows that only an older state of the database has. */
  readonly older: number
  /** Rows that an index names and no readable page has. */
  readonly missing: number
  /** Rows whose end is lost: what is left of them is kept beside. */
  readonly cut: number
  /** Rows with a JSON text that cannot be parsed. */
  readonly brokenJson: number
}

export interface Salvage {
  readonly tables: readonly SalvagedTable[]
  readonly schema: Schema
  /** Numbers of pages that are not there, or hold what they cannot hold. */
  readonly damagedPages: readonly number[]
  readonly cutRows: readonly (CutRow & { readonly table: string })[]
  /** Rows on pages that no readable page leads to, of which the table is unknown, or which are there already. */
  readonly unplaced: number
  readonly shapes: readonly TableShape[]
  /** What could not be created again. */
  readonly left: readonly string[]
}

/** Puts every row that can be read into a new database, which has no rows yet. */
export function salvageInto(database: Database, opened: OpenedPages): Salvage {
  const { newest, committed } = opened
  const schema = findObjects(newest)
  const left: string[] = []
  const shapes = createTables(database, schema.entries, left)
  database.run("begin")
  const claimed = new Set<number>([...schema.walk.seen, ...freePages(newest)])
  const damaged = new Set<number>(schema.walk.damaged)
  const tables = shapes.map((shape) => {
    const table = new Filling(database, shape)
    fillFrom(table, newest, { claimed, damaged })
    if (committed !== newest) table.fillOlder(committed)
    return table
  })
  keepCounters(database, newest, schema.entries, claimed)
  const indexes = schema.entries.filter(({ type, root }) => type === "index" && root > 0)
  const walks = indexes.map((line) => walkIndex(newest, line, { claimed, damaged }))
  const unplaced = placeOthers(tables, newest, claimed)
  database.run("commit")
  createRest(database, schema.entries, left)
  for (const walk of walks) tables.find(({ shape }) => shape.entry.name === walk.table)?.compare(walk.rowids)
  return {
    ...{ schema, unplaced, left, shapes },
    tables: tables.map((table) => table.facts()),
    damagedPages: [...damaged].toSorted((one, other) => one - other),
    cutRows: tables.flatMap(({ walk, shape }) =>
      walk.cut.map((row) => ({ ...row, table: shape.entry.name })),
    ),
  }
}

interface Marks {
  readonly claimed: Set<number>
  readonly damaged: Set<number>
}

/** One table of the new database while rows are put into it. */
class Filling {
  readonly walk: Walk = newWalk()
  readonly #rows = new Set<number>()
  readonly #add: (row: Row) => boolean
  #count = 0
  #found = 0
  #older = 0
  #missing = 0
  #brokenJson = 0

  constructor(
    database: Database,
    readonly shape: TableShape,
  ) {
    this.#add = inserter(database, shape)
  }

  add(row: Row): boolean {
    const { isKeyed } = this.shape
    if (!isKeyed && this.#rows.has(row.rowid)) return false
    if (!this.#add(row)) return false
    if (!isKeyed) this.#rows.add(row.rowid)
    this.#count++
    if (row.values.some((value) => value.type === "text" && isBrokenJson(value.value))) this.#brokenJson++
    return true
  }

  addFound(row: Row): boolean {
    const isAdded = this.add(row)
    if (isAdded) this.#found++
    return isAdded
  }

  fillOlder(pages: Pages): void {
    const { entry, isKeyed } = this.shape
    for (const row of walkTree(pages, entry.root, isKeyed ? "index" : "table", newWalk()))
      if (this.add(row)) this.#older++
  }

  /** Of the rows that an index names, those that are not here. */
  compare(rowids: readonly number[]): void {
    if (this.shape.isKeyed) return
    const missing = rowids.filter((rowid) => !this.#rows.has(rowid)).length
    this.#missing = Math.max(this.#missing, missing)
  }

  facts(): SalvagedTable {
    const { entry } = this.shape
    return {
      name: entry.name,
      rows: this.#count,
      found: this.#found,
      older: this.#older,
      missing: this.#missing,
      cut: this.walk.cut.length,
      brokenJson: this.#brokenJson,
    }
  }
}

function fillFrom(table: Filling, pages: Pages, { claimed, damaged }: Marks): void {
  const { walk, shape } = table
  const kind = shape.isKeyed ? "index" : "table"
  for (const row of walkTree(pages, shape.entry.root, kind, walk)) table.add(row)
  for (const each of walk.seen) claimed.add(each)
  for (const each of walk.damaged) damaged.add(each)
}

/** The tables of SQLite itself: how far rows were counted; what else there is, it makes again. */
function keepCounters(
  database: Database,
  pages: Pages,
  lines: readonly SchemaObject[],
  claimed: Set<number>,
): void {
  for (const { name, root, type } of lines) {
    if (type !== "table" || !name.startsWith("sqlite_") || root === 0) continue
    const walk = newWalk()
    const rows = [...walkTree(pages, root, "table", walk)]
    for (const each of walk.seen) claimed.add(each)
    if (name !== "sqlite_sequence") continue
    for (const { values } of rows) {
      const [table, seq] = values
      if (table?.type === "text" && seq?.type === "integer")
        database
          .query("insert into sqlite_sequence (name, seq) values (?, ?)")
          .run(decodeText(table.value), seq.value)
    }
  }
}

function isBrokenJson(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0x7b) return false
  try {
    JSON.parse(decodeText(bytes))
    return false
  } catch {
    return true
  }
}

function walkIndex(pages: Pages, line: SchemaObject, { claimed, damaged }: Marks) {
  const walk = newWalk()
  const rowids: number[] = []
  for (const { values } of walkTree(pages, line.root, "index", walk)) {
    const last = values.at(-1)
    if (last?.type === "integer") rowids.push(Number(last.value))
  }
  for (const each of walk.seen) claimed.add(each)
  for (const each of walk.damaged) damaged.add(each)
  return { table: line.table, rowids }
}

/** Rows on pages that no readable page leads to: into the one table that they fit. */
function placeOthers(tables: readonly Filling[], pages: Pages, claimed: ReadonlySet<number>): number {
  let unplaced = 0
  for (let number = 2; number <= pages.count; number++) {
    if (claimed.has(number)) continue
    const page = pages.page(number)
    if (page?.[0] !== 13) continue
    for (const row of readCells(pages, page, 0, false).rows) {
      const [only, other] = tables.filter(({ shape }) => fits(shape, row))
      if (only === undefined || other !== undefined || !only.addFound(row)) unplaced++
    }
  }
  return unplaced
}

function createTables(database: Database, lines: readonly SchemaObject[], left: string[]) {
  return lines.flatMap((line): TableShape[] => {
    if (line.type !== "table" || line.sql === null || /^sqlite_/.test(line.name)) return []
    if (/^create\s+virtual/i.test(line.sql)) {
      left.push(line.name)
      return []
    }
    if (!tryRun(database, line.sql, line.name, left)) return []
    const shape = shapeOf(database, line)
    return shape === null ? [] : [shape]
  })
}

/** Indexes, views and triggers, once all rows are there. */
function createRest(database: Database, lines: readonly SchemaObject[], left: string[]): void {
  for (const kind of ["index", "view", "trigger"])
    for (const { type, sql, name } of lines)
      if (type === kind && sql !== null) tryRun(database, sql, name, left)
}

function tryRun(database: Database, sql: string, name: string, left: string[]): boolean {
  try {
    database.run(sql)
    return true
  } catch {
    left.push(name)
    return false
  }
}
