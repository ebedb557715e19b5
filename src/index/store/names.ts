import type { Database } from "../../system/sqlite/database.ts"

const maxCachedNames = 50_000

/** Texts that occur repeatedly (tools, models, folders), each stored once. */
export class NameTable {
  readonly #known = new Map<string, number>()
  readonly #find
  readonly #add
  readonly #value

  constructor(database: Database) {
    this.#find = database.query<{ id: number }, [string]>("select id from name where value = ?")
    this.#add = database.query<unknown, [string]>("insert into name (value) values (?)")
    this.#value = database.query<{ value: string }, [number]>("select value from name where id = ?")
  }

  id(value: string): number
  id(value: string | null): number | null
  id(value: string | null): number | null {
    if (value === null) return null
    const known = this.#known.get(value)
    if (known !== undefined) return known
    const id = this.#find.get(value)?.id ?? Number(this.#add.run(value).lastInsertRowid)
    if (this.#known.size >= maxCachedNames) this.#known.clear() // there may be very many file paths
    this.#known.set(value, id)
    return id
  }

  /** The text with this id; null for none. */
  value(id: number | null): string | null {
    return id === null ? null : (this.#value.get(id)?.value ?? null)
  }

  /** Another process may have added names, or a rollback may have removed some. */
  forget(): void {
    this.#known.clear()
  }
}
