import type { Database } from "../../system/sqlite/database.ts"
import { quoteName } from "../rows/tables.ts"
import type { TableShape } from "./tables.ts"

/** What SQLite itself reads of the damaged database, compared with the new one. */
export interface RowProof {
  readonly holds: boolean
  /** Rows that SQLite can read of it, around the pages that it cannot. */
  readonly records: number
  /** Of these, how many the new one lacks. */
  readonly lost: number
  /** Rows of which the new one has a newer version, from the log behind its tear. */
  readonly newer: number
  /** Rows that hold what their table cannot hold: SQLite takes damaged bytes for rows. */
  readonly odd: number
  /** Whether SQLite was asked for every row. */
  readonly isWhole: boolean
  /** Why nothing was compared; null where SQLite opens the damaged database. */
  readonly unread: string | null
}

export interface Comparing {
  readonly tables: readonly ComparedTable[]
  /** Whether the log holds changes that SQLite does not see. */
  readonly hasNewer: boolean
  readonly damagedPages: number
}

interface ComparedTable {
  readonly shape: TableShape
  /** Rows whose end is lost: what SQLite makes of it is no text of theirs. */
  readonly cut: ReadonlySet<number>
}

/** Reads each table row by row on both sides. This reader shares nothing with the one that found the rows. */
export function compareWithSqlite(
  damaged: Database,
  rebuilt: Database,
  { tables, hasNewer, damagedPages }: Comparing,
): RowProof {
  const wanted = maxRowsOnPage * BigInt(damagedPages + 1)
  const around = wanted < maxAround ? wanted : maxAround
  let [records, lost, newer, odd] = [0, 0, 0, 0]
  let isWhole = true
  for (const { shape, cut } of tables) {
    const table = shape.entry.name
    if (shape.isKeyed) {
      const kept = new Set([...linesOf(rebuilt, table)].map(printOf))
      for (const line of linesOf(damaged, table)) {
        if (!holds(shape, line)) {
          odd++
          continue
        }
        records++
        if (!kept.has(printOf(line))) lost++
      }
      continue
    }
    const own = rebuilt.query(`select * from ${quoteName(table)} where rowid = ?`)
    const asked = { isWhole: true }
    for (const { rowid, line } of readAround(damaged, rebuilt, { table, asked, around })) {
      if (cut.has(Number(rowid))) continue
      if (!holds(shape, line)) {
        odd++
        continue
      }
      records++
      const ours = own.get(rowid) as Line | null
      if (ours !== null && isSame(ours, line)) continue
      if (ours !== null && hasNewer) newer++
      else lost++
    }
    isWhole &&= asked.isWhole
  }
  return { holds: lost === 0 && isWhole, records, lost, newer, odd, isWhole, unread: null }
}

/** Whether the values are such as the table was made for. */
function holds({ columns, alias }: TableShape, values: Line): boolean {
  return columns.every(({ name, affinity, isRequired }, index) => {
    const value = values[name]
    if (index === alias || affinity === "blob" || affinity === "numeric") return true
    if (value === null || value === undefined) return !isRequired
    if (affinity === "text") return typeof value === "string"
    return typeof value === "bigint" || (affinity === "real" && typeof value === "number")
  })
}

type Line = Readonly<Record<string, unknown>>

/** Up to the first page that SQLite cannot read: without row numbers nothing says how to go on behind it. */
function* linesOf(database: Database, table: string): Generator<Line> {
  try {
    for (const line of database.query(`select * from ${quoteName(table)}`).iterate()) yield line as Line
  } catch {
    // what was read until here is compared
  }
}

function printOf(line: Line): string {
  return JSON.stringify(line, (_, value: unknown) =>
    typeof value === "bigint"
      ? `${value}n`
      : value instanceof Uint8Array
        ? Buffer.from(value).toString("hex")
        : value,
  )
}

function isSame(one: Line, other: Line): boolean {
  return Object.keys(one).every((name) => isSameValue(one[name], other[name]))
}

function isSameValue(one: unknown, other: unknown): boolean {
  if (one instanceof Uint8Array && other instanceof Uint8Array) return Buffer.compare(one, other) === 0
  return Object.is(one, other)
}

const maxQueries = 100_000
/** No page of a usual size holds more rows of a conversation. */
const maxRowsOnPage = 200n
const maxAround = 20_000n

interface Asking {
  readonly table: string
  readonly asked: { isWhole: boolean }
  readonly around: bigint
}

/** Every row that SQLite gives: where it gives up, the rest is asked for in halves. */
function* readAround(
  damaged: Database,
  rebuilt: Database,
  { table, asked, around }: Asking,
): Generator<{ readonly rowid: bigint; readonly line: Line }> {
  const waiting: (readonly [bigint, bigint])[] = [boundsOf(damaged, rebuilt, { table, around })]
  const select = `select rowid as "${numberName}", * from ${quoteName(table)} where rowid between ? and ? order by rowid`
  for (let queries = 0; waiting.length > 0; queries++) {
    if (queries === maxQueries) {
      asked.isWhole = false
      return
    }
    const [from, to] = waiting.pop() ?? [0n, -1n]
    if (from > to) continue
    let next = from
    try {
      for (const line of damaged.query(select).iterate(from, to)) {
        const { [numberName]: rowid, ...values } = line as Record<string, unknown> & { [numberName]: bigint }
        if (rowid >= next) yield { rowid, line: values }
        next = rowid + 1n
      }
    } catch (error) {
      if (from === to || /no such/.test(String(error))) continue
      if (next > from) waiting.push([next, to])
      else {
        const middle = (from + to) >> 1n
        waiting.push([middle + 1n, to], [from, middle])
      }
    }
  }
}

const numberName = "the number of the row"

/** `around`: how far around the rows that were found others are looked for, where SQLite does not say which is the last. */
function boundsOf(
  damaged: Database,
  rebuilt: Database,
  { table, around }: Pick<Asking, "table" | "around">,
): readonly [bigint, bigint] {
  const end = (database: Database, order: "asc" | "desc"): bigint | null => {
    try {
      const sql = `select rowid from ${quoteName(table)} order by rowid ${order} limit 1`
      return (database.query(sql).values()[0]?.[0] as bigint | undefined) ?? null
    } catch {
      return null
    }
  }
  const low = (end(rebuilt, "asc") ?? 0n) - around
  const high = (end(rebuilt, "desc") ?? 0n) + around
  const within = (value: bigint | null, other: bigint) =>
    value !== null && value >= low && value <= high ? value : other
  return [within(end(damaged, "asc"), low), within(end(damaged, "desc"), high)]
}
