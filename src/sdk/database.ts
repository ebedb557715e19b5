import { type ForeignDatabase, openForeign } from "../system/sqlite/snapshot.ts"
import type { Context } from "./context.ts"
import { remembered } from "./remembered.ts"

/** A SQLite database of an agent, read without leaving anything in its folder. */
export interface DatabaseReader {
  /** The rows of a query, as objects. Throws what SQLite says of it. */
  all<Row>(sql: string, ...values: readonly (string | number | null)[]): readonly Row[]
  /** The columns of a table; none when there is no such table. */
  columns(table: string): readonly string[]
}

const openKey = Symbol("databases of agents, by path")
/** Closed when it was not asked for so long: a live view looks again and again. */
const idleMs = 2000

/** null when there is no such file. Stays open while it is in use. */
export function readDatabase(ctx: Pick<Context, "cache">, path: string): DatabaseReader | null {
  const known = remembered(ctx, openKey, () => new Map<string, Reader>())
  const reader = known.get(path) ?? new Reader(path)
  known.set(path, reader)
  return reader.exists ? reader : null
}

class Reader implements DatabaseReader {
  #open: ForeignDatabase | null = null
  #timer: ReturnType<typeof setTimeout> | null = null
  readonly #columns = new Map<string, readonly string[]>()

  constructor(private readonly path: string) {}

  get exists(): boolean {
    return this.#database() !== null
  }

  all<Row>(sql: string, ...values: readonly (string | number | null)[]): readonly Row[] {
    const read = () =>
      this.#database()
        ?.database.query<Row, (string | number | null)[]>(sql)
        .all(...values) ?? []
    const rows = read()
    if (this.#open === null || this.#open.isIntact()) return rows
    this.#close() // it was read without locks, and a client has begun to write: now there is a log to read
    return read()
  }

  columns(table: string): readonly string[] {
    const known = this.#columns.get(table)
    if (known !== undefined) return known
    const columns = this.all<{ name: string }>("select name from pragma_table_info(?)", table).map(
      ({ name }) => name,
    )
    this.#columns.set(table, columns)
    return columns
  }

  #database(): ForeignDatabase | null {
    this.#open ??= openForeign(this.path)
    if (this.#timer !== null) this.#timer.refresh()
    else if (this.#open !== null) {
      this.#timer = setTimeout(() => this.#close(), idleMs)
      this.#timer.unref()
    }
    return this.#open
  }

  #close(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    this.#open?.close()
    this.#open = null
  }
}
