/** What the suite did, over all its files: rows, skips apart from passes, and the closing line. */
import { appendFileSync, existsSync, readFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** The sandbox gives every run a folder of its own, and test files may not share their modules. */
const notes = join(tmpdir(), `faults-${process.pid}`)

export interface Note {
  readonly row: string
  readonly injected?: number
  readonly wrong?: number
  readonly skipped?: string
}

const note = (entry: Note) => appendFileSync(notes, `${JSON.stringify(entry)}\n`)

export function injected(row: string, count: number, wrong: number): void {
  note({ row, injected: count, wrong })
}

export function skipped(row: string, why: string): void {
  note({ row, skipped: why })
  console.error(`\n!!! SKIPPED: row ${row}: ${why}\n`)
}

export function notesSoFar(): Note[] {
  if (!existsSync(notes)) return []
  const lines = readFileSync(notes, "utf8").trim().split("\n")
  return lines.map((line) => JSON.parse(line) as Note)
}

function total(from: readonly Note[], key: "injected" | "wrong"): number {
  return from.reduce((sum, each) => sum + (each[key] ?? 0), 0)
}

export function summary(entries: readonly Note[]): string {
  const rows = [...Map.groupBy(entries, (each) => each.row)].map(
    ([row, each]) => `  row ${row}: ${total(each, "injected")} injected, ${total(each, "wrong")} wrong`,
  )
  const skips = entries.filter((each) => each.skipped !== undefined)
  const lines = skips.map((each) => `  SKIPPED row ${each.row}: ${each.skipped}`)
  const [all, wrong] = [total(entries, "injected"), total(entries, "wrong")]
  const last = `fault suite: ${all} faults injected, ${wrong} wrong results, ${skips.length} skipped`
  return ["", ...rows, ...lines, last, ""].join("\n")
}
