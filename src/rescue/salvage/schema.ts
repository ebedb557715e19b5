import { type Row, readCells, type Value } from "./cells.ts"
import type { Pages } from "./pages.ts"
import { newWalk, type Walk, walkTree } from "./tree.ts"

/** A line of the schema: what was created, and the page where its tree begins. */
export interface SchemaObject {
  readonly type: "table" | "index" | "view" | "trigger"
  readonly name: string
  readonly table: string
  readonly root: number
  /** null for an index that a table makes itself. */
  readonly sql: string | null
}

export interface Schema {
  readonly entries: readonly SchemaObject[]
  readonly walk: Walk
  /** Lines that no readable page leads to. */
  readonly found: number
}

/** Reads the schema; where pages of it are damaged, lines of it are looked for on every page. */
export function findObjects(pages: Pages): Schema {
  const walk = newWalk()
  const entries = [...walkTree(pages, 1, "table", walk)].flatMap(({ values }) => entryOf(values) ?? [])
  if (walk.damaged.size === 0 && entries.length > 0) return { entries, walk, found: 0 }
  const names = new Set(entries.map(keyOf))
  const more = new Map<string, SchemaObject>()
  for (const row of leafRows(pages, walk.seen)) {
    const entry = entryOf(row.values)
    if (entry !== null && !names.has(keyOf(entry))) more.set(keyOf(entry), entry)
  }
  return { entries: [...entries, ...more.values()], walk, found: more.size }
}

const keyOf = ({ type, name }: SchemaObject) => `${type} ${name}`

function* leafRows(pages: Pages, seen: ReadonlySet<number>): Generator<Row> {
  for (let number = 2; number <= pages.count; number++) {
    if (seen.has(number)) continue
    const page = pages.page(number)
    if (page?.[0] === 13) yield* readCells(pages, page, 0, false).rows
  }
}

const types = ["table", "index", "view", "trigger"]

function entryOf(values: readonly Value[]): SchemaObject | null {
  if (values.length !== 5) return null
  const [type, name, table, root, sql] = values
  const texts = [type, name, table].map((each) => (each?.type === "text" ? decodeText(each.value) : null))
  const [kind, named, of] = texts
  if (kind == null || named == null || of == null || !types.includes(kind)) return null
  if (root?.type !== "integer" && root?.type !== "null") return null
  if (sql?.type !== "null" && (sql?.type !== "text" || !/^create\s/i.test(decodeText(sql.value)))) return null
  return {
    type: kind as SchemaObject["type"],
    name: named,
    table: of,
    root: root.type === "integer" ? Number(root.value) : 0,
    sql: sql.type === "text" ? decodeText(sql.value) : null,
  }
}

export function decodeText(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes)
}
