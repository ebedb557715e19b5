import { totalTokens } from "../../domain/usage/token-counts.ts"
import type { UsageSum } from "../../operations/usage/usage-tables.ts"
import type { Output } from "../terminal/output.ts"
import { fitColumns, pad } from "../terminal/sanitize.ts"

export interface TableRow extends UsageSum {
  /** Sanitized. */
  readonly label: string
  /** What must not be cut is at the label's end: a folder. */
  readonly keepsEnd?: boolean
}

export interface TableOptions {
  readonly hasCosts: boolean
  readonly hasBars: boolean
}

interface Column {
  readonly heading: string
  readonly width: number
  readonly cell: (row: TableRow) => string
}

/** Below this many columns only the total and the output or the costs are shown. */
const minColumnsForAll = 72
const pipeColumns = 100
const minLabel = 12
const maxBar = 30

const output: Column = { heading: "output", width: 7, cell: ({ use }) => formatTokens(use.output) }
const total: Column = { heading: "total", width: 7, cell: ({ use }) => formatTokens(totalTokens(use)) }
const parts: readonly Column[] = [
  { heading: "input", width: 7, cell: ({ use }) => formatTokens(use.input) },
  output,
  { heading: "to cache", width: 9, cell: ({ use }) => formatTokens(use.cacheWrite) },
  { heading: "from cache", width: 11, cell: ({ use }) => formatTokens(use.cacheRead) },
  total,
]
const cost: Column = { heading: "cost", width: 11, cell: formatCost }

/** Rows with aligned numbers, and a bar for the share of the largest total. Lines of a pipe are not cut. */
export function usageTable(rows: readonly TableRow[], options: TableOptions, out: Output): readonly string[] {
  const room = out.columns ?? pipeColumns
  const few = options.hasCosts ? [total] : [output, total]
  const columns = [...(room < minColumnsForAll ? few : parts), ...(options.hasCosts ? [cost] : [])]
  const numbers = columns.reduce((sum, { width }) => sum + width, 0)
  const longest = Math.max(minLabel, ...rows.map(({ label }) => Bun.stringWidth(label)))
  const barRoom = options.hasBars ? Math.min(maxBar, Math.max(6, room - numbers - longest - 1)) + 1 : 0
  const labelRoom = out.columns === null ? longest : Math.min(longest, room - numbers - barRoom)
  const most = Math.max(...rows.map(({ use }) => totalTokens(use)))
  const heading = pad("", labelRoom) + columns.map(({ heading, width }) => heading.padStart(width)).join("")
  const lines = rows.map((row) => {
    const cells = columns.map((column) => column.cell(row).padStart(column.width)).join("")
    const share = options.hasBars ? ` ${shareBar(totalTokens(row.use), most, barRoom - 1)}` : ""
    return `${pad(fitLabel(row, labelRoom), labelRoom)}${cells}${out.paint.cyan(share)}`.trimEnd()
  })
  return [out.paint.dim(heading), ...lines]
}

function fitLabel({ label, keepsEnd }: TableRow, columns: number): string {
  if (keepsEnd !== true || Bun.stringWidth(label) <= columns) return fitColumns(label, columns)
  const signs = [...new Intl.Segmenter().segment(label)].map(({ segment }) => segment)
  while (signs.length > 0 && Bun.stringWidth(signs.join("")) > columns - 1) signs.shift()
  return `…${signs.join("")}`
}

/** A bar of at least one sign for anything above zero. */
export function shareBar(value: number, most: number, columns: number): string {
  if (value <= 0 || most <= 0) return ""
  return "█".repeat(Math.max(1, Math.round((columns * value) / most)))
}

const steps = ["k", "M", "G", "T"] as const

/** Three significant digits: `950`, `1.23k`, `45.6M`. */
export function formatTokens(tokens: number): string {
  if (tokens < 1000) return `${Math.round(tokens)}`
  let value = tokens
  let unit = ""
  for (const step of steps) {
    if (value < 999.5) break
    value /= 1000
    unit = step
  }
  return `${value.toFixed(value < 9.995 ? 2 : value < 99.95 ? 1 : 0)}${unit}`
}

/** `+`: a part has no price and is not in it. */
function formatCost({ cost, isPartlyPriced }: UsageSum): string {
  if (cost === null) return "–"
  const digits = { minimumFractionDigits: 2, maximumFractionDigits: 2 }
  return cost.toLocaleString("en-US", digits) + (isPartlyPriced ? "+" : "")
}
