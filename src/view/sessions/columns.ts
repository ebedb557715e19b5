import type { SessionWords } from "./session-words.ts"

type ColumnName = keyof SessionWords

export interface Column {
  readonly name: ColumnName
  readonly width: number
}

const gap = 2
/** Below this width a row has two lines instead of columns. */
export const minTableColumns = 72

/** In reading order. `cap`: wider content is cut; `wish`: what the flexible ones want before another column is added. */
const order: readonly ColumnName[] = [
  "state",
  "detail",
  "short",
  "title",
  "folder",
  "where",
  "context",
  "memory",
  "agents",
  "saved",
  "age",
  "agent",
  "id",
]
const essential: readonly ColumnName[] = ["state", "detail", "title", "folder", "where", "age"]
/** Below this width state and detail share a column, so that titles can be read. */
const minStateColumns = 100
const essentialNarrow: readonly ColumnName[] = ["short", "title", "folder", "where", "age"]
/** What a wider terminal adds, most useful first: a name to type is the last thing that people look for. */
const optional: readonly ColumnName[] = ["context", "saved", "memory", "agents", "agent", "id"]
const caps: Partial<Record<ColumnName, number>> = { where: 16, saved: 20, agent: 12 }
const narrowCaps: Partial<Record<ColumnName, number>> = { short: 19, where: 11 }
const wishes = { title: 40, folder: 24 }

/**
 * The columns that a terminal of this width has room for, with their widths. Title and folder take what is left over;
 * `severalAgents`: only then their names say anything.
 */
export function layOutColumns(
  rows: readonly SessionWords[],
  columns: number,
  severalAgents: boolean,
): readonly Column[] {
  const widest = (name: ColumnName) =>
    rows.reduce((most, row) => Math.max(most, Bun.stringWidth(row[name])), 0)
  const fixed = new Map<ColumnName, number>()
  for (const name of columns < minStateColumns ? essentialNarrow : essential) {
    if (name === "title" || name === "folder") continue
    const wide = name === "detail" ? Math.floor(columns / 5) : (caps[name] ?? columns)
    const cap = columns < minStateColumns ? (narrowCaps[name] ?? columns) : wide
    fixed.set(name, Math.min(widest(name), cap))
  }
  const used = () => [...fixed.values()].reduce((sum, width) => sum + (width === 0 ? 0 : width + gap), 0)
  const wishedTitle = Math.min(widest("title"), wishes.title)
  const wishedFolder = Math.min(widest("folder"), wishes.folder)
  for (const name of optional) {
    if (name === "agent" && !severalAgents) continue
    const width = Math.min(widest(name), caps[name] ?? columns)
    if (width === 0) continue
    if (used() + width + gap + wishedTitle + gap + wishedFolder > columns) continue
    fixed.set(name, width)
  }
  const left = columns - used() - gap
  const folder = Math.min(widest("folder"), Math.max(Math.floor(left * 0.3), left - widest("title")))
  const title = Math.min(widest("title"), left - folder)
  const widths = new Map([...fixed, ["title", title] as const, ["folder", folder] as const])
  return order.flatMap((name) => {
    const width = widths.get(name) ?? 0
    return width === 0 ? [] : [{ name, width }]
  })
}
