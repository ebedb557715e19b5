import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { describeFlag } from "../terminal/format.ts"
import type { Paint } from "../terminal/output.ts"
import { fitColumns, pad } from "../terminal/sanitize.ts"
import { type Column, layOutColumns, minTableColumns } from "./columns.ts"
import { paintNeed, type SessionWords, sessionWords, type WordFacts } from "./session-words.ts"

/** A session of a list, ready to be printed. */
export interface ListRow {
  readonly item: ListedSession
  /** One line, or two on a narrow terminal. */
  readonly lines: readonly string[]
  /** What the columns had no room for: context, memory, agents, copy. */
  readonly facts: string | null
  /** What is wrong with it, a line each. */
  readonly warnings: readonly string[]
}

const noLines: readonly string[] = []
const margin = "  "
const shortWidth = 16

/** `columns`: null for a pipe, where nothing is cut and the words of a row are separated by ` · `. */
export function sessionRows(
  listed: readonly ListedSession[],
  facts: WordFacts,
  columns: number | null,
  paint: Paint,
): readonly ListRow[] {
  return rowsOfMany(listed, facts, columns, paint)(listed)
}

/** Makes the rows of some of them, in columns that fit all. */
export function rowsOfMany(
  all: readonly ListedSession[],
  facts: WordFacts,
  columns: number | null,
  paint: Paint,
): (some: readonly ListedSession[]) => readonly ListRow[] {
  const isTable = columns !== null && columns >= minTableColumns
  const table = isTable ? columnsOf(all, facts, columns) : null
  const shown = new Set<string>(table?.map(({ name }) => name) ?? [])
  const severalAgents = haveSeveralAgents(all.map(({ session }) => session))
  if (!severalAgents) shown.add("agent") // it would be the same word in each row
  const linesOf = (about: SessionWords, item: ListedSession): readonly string[] => {
    if (columns === null) return [plainLine(about, item, severalAgents)]
    const painted = paintNeed(item, paint)
    return table === null
      ? narrowLines(about, item, columns, painted)
      : [tableLine(about, table, item, painted)]
  }
  return (some) =>
    some.map((item) => {
      const about = sessionWords(item, facts)
      return {
        item,
        lines: linesOf(about, item),
        facts: columns === null ? null : factsLine(about, shown, columns, item, paint),
        warnings: warningLines(item, columns, paint),
      }
    })
}

function columnsOf(all: readonly ListedSession[], facts: WordFacts, columns: number): readonly Column[] {
  const words = all.map((item) => sessionWords(item, facts))
  return layOutColumns(words, columns, haveSeveralAgents(words))
}

function haveSeveralAgents(all: readonly { readonly agent: string }[]): boolean {
  return all.some(({ agent }) => agent !== all[0]?.agent)
}

/**
 * One line a session, for a list that is moved about in. `all`: the rows that share the columns, so that these do not
 * jump while the list is scrolled.
 */
export function compactRows(
  shown: readonly ListedSession[],
  all: readonly ListedSession[],
  facts: WordFacts,
  columns: number,
  paint: Paint,
): readonly string[] {
  if (columns < minTableColumns) return shown.map((item) => shortLine(item, facts, columns, paint))
  const table = columnsOf(all, facts, columns)
  return shown.map((item) => tableLine(sessionWords(item, facts), table, item, paintNeed(item, paint)))
}

function shortLine(item: ListedSession, facts: WordFacts, columns: number, paint: Paint): string {
  const { short, title, age } = sessionWords(item, facts)
  const word = fitColumns(short, shortWidth)
  const width = Math.max(8, columns - shortWidth - 2 - age.length - 2)
  return `${paintNeed(item, paint)(pad(word, shortWidth))}  ${pad(fitColumns(title, width), width)}  ${age}`
}

function tableLine(
  about: SessionWords,
  table: readonly Column[],
  item: ListedSession,
  painted: (text: string) => string,
): string {
  const cells = table.map(({ name, width }) => {
    const cell = pad(fitColumns(name === "folder" ? fitEnd(about.folder, width) : about[name], width), width)
    return name === "state" || name === "detail" || name === "short" ? painted(cell) : cell
  })
  const line = cells.join("  ").trimEnd()
  return item.need === "closed" ? painted(line) : line
}

/** A path keeps its end: that is what people know it by. */
function fitEnd(path: string, columns: number): string {
  if (Bun.stringWidth(path) <= columns) return path
  const parts = path.split("/")
  for (let from = 1; from < parts.length; from++) {
    const end = `.../${parts.slice(from).join("/")}` // "…" is "~" in ASCII, and that is a home
    if (Bun.stringWidth(end) <= columns) return end
  }
  let end = ""
  for (const { segment } of [...new Intl.Segmenter().segment(path)].toReversed()) {
    if (Bun.stringWidth(segment + end) > columns - 1) break
    end = segment + end
  }
  return `…${end}`
}

function plainLine(about: SessionWords, item: ListedSession, namesAgent: boolean): string {
  const { state, detail, title, folder, where, age, saved, context, memory, agents, id } = about
  const pid = item.session.process === null ? "" : `pid ${item.session.process.pid}`
  const agent = namesAgent ? about.agent : ""
  const words = [detail, title, folder, where, agent, pid, context, memory, agents, saved, age, id]
  return `${pad(state, 9)}  ${words.filter((word) => word !== "").join(" · ")}`
}

function narrowLines(
  about: SessionWords,
  item: ListedSession,
  columns: number,
  painted: (text: string) => string,
): readonly string[] {
  const { short, detail, title, folder, where, age, saved } = about
  if (item.need === "closed") {
    const end = `  ${age}`
    const width = columns - Bun.stringWidth(end)
    return [painted(`${pad(fitColumns(`${detail}  ${title}`, width), width)}${end}`)]
  }
  const place = [where === "" ? saved : where, age].filter((word) => word !== "").join(" · ")
  const width = columns - Bun.stringWidth(place) - 2
  const first = `${pad(fitColumns(short, width), width)}  `
  return [painted(first) + place, margin + fitColumns(`${title} · ${folder}`, columns - margin.length)]
}

function factsLine(
  about: SessionWords,
  shown: ReadonlySet<string>,
  columns: number,
  item: ListedSession,
  paint: Paint,
): string | null {
  const names = ["agent", "context", "memory", "agents", "saved", "id"] as const
  const words = names.filter((name) => !shown.has(name) && about[name] !== "").map((name) => about[name])
  if (item.session.process === null || words.length === 0) return null
  return paint.dim(margin + fitColumns(words.join(" · "), columns - margin.length))
}

function warningLines(
  { session, need }: ListedSession,
  columns: number | null,
  paint: Paint,
): readonly string[] {
  if (session.flags.length === 0) return noLines
  const width = columns === null ? Number.POSITIVE_INFINITY : columns - margin.length
  return session.flags.flatMap((flag) => {
    if (flag === "no-terminal") return [] // the row says so
    if (flag === "purge-soon") return [] // where it is unsaved its row says so
    if (flag === "large" && need === "closed") return []
    return [margin + paint.yellow(fitColumns(`! ${describeFlag(flag)}`, width))]
  })
}
