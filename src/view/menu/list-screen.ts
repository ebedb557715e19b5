import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { compactRows } from "../sessions/row.ts"
import { sessionWords } from "../sessions/session-words.ts"
import { countByNeed } from "../sessions/status.ts"
import { count, describeFlag, describePurge } from "../terminal/format.ts"
import type { Paint } from "../terminal/output.ts"
import { fitColumns, pad, sanitize } from "../terminal/sanitize.ts"
import { itemKey, itemUnderCursor, type ListState, visibleItems } from "./list-state.ts"

export interface ScreenSize {
  readonly columns: number
  readonly rows: number
}

export interface Preview {
  /** The session whose messages these are. */
  readonly key: string
  readonly messages: readonly { readonly role: string; readonly text: string }[]
}

const gutter = 4
const margin = "  "
/** The columns follow the widest of these rows: measuring thousands at every key would be felt. */
const maxLaidOut = 200

/** Rows of the list on a screen of this size: the rest is the head, the preview and the foot. */
export function listHeight({ rows }: ScreenSize): number {
  return Math.max(1, rows - 3 - previewHeight(rows))
}

function previewHeight(rows: number): number {
  if (rows < 16) return 0
  return rows < 30 ? 4 : rows < 45 ? 8 : 12
}

/** The whole screen, exactly as many lines as it has rows. */
export function renderList(
  state: ListState,
  size: ScreenSize,
  paint: Paint,
  preview: Preview | null,
): readonly string[] {
  const visible = visibleItems(state)
  const height = listHeight(size)
  const from = firstRow(state.cursor.index, visible.length, height)
  const lines = [headLine(state, visible.length, size.columns, paint)]
  lines.push(...bodyLines(state, visible, from, height, size, paint))
  lines.push(...previewLines(state, preview, previewHeight(size.rows), size.columns, paint))
  lines.push(messageLine(state, size.columns, paint))
  lines.push(keyLine(state, size.columns, paint))
  return lines.slice(0, size.rows)
}

/** The cursor stays in the middle third where the list is long. */
function firstRow(cursor: number, length: number, height: number): number {
  return Math.max(0, Math.min(cursor - Math.floor(height / 2), length - height))
}

function headLine(state: ListState, shown: number, columns: number, paint: Paint): string {
  const clock = new Date(state.facts.now).toTimeString().slice(0, 5)
  const counts = state.items.length === 0 ? "no session" : countByNeed(state.items)
  const found = state.filter === "" ? "" : ` · ${shown} match`
  const left = fitColumns(`${counts}${found}`, columns - clock.length - 2)
  return `${paint.bold(pad(left, columns - clock.length - 1))} ${paint.dim(clock)}`
}

function bodyLines(
  state: ListState,
  visible: readonly ListedSession[],
  from: number,
  height: number,
  { columns }: ScreenSize,
  paint: Paint,
): readonly string[] {
  const shown = visible.slice(from, from + height)
  const alike = [...visible.slice(0, maxLaidOut), ...shown]
  const rows = compactRows(shown, alike, state.facts, columns - gutter, paint)
  const lines = rows.map((row, index) => {
    const at = from + index === state.cursor.index
    const mark = state.marked.has(itemKey(shown[index] as ListedSession)) ? paint.green("◼") : " "
    return `${at ? paint.cyan("❯") : " "} ${mark} ${at ? paint.bold(row) : row}`
  })
  if (visible.length === 0)
    lines.push(
      paint.dim(state.filter === "" ? "  No session was found." : "  No match: Esc removes the filter."),
    )
  return [...lines, ...Array(Math.max(0, height - lines.length)).fill("")]
}

/** What the row under the cursor has no room for, and how its conversation ends. */
function previewLines(
  state: ListState,
  preview: Preview | null,
  height: number,
  columns: number,
  paint: Paint,
): readonly string[] {
  if (height === 0) return []
  const item = itemUnderCursor(state)
  const lines = [paint.dim("─".repeat(columns))]
  if (item !== null) {
    lines.push(fitColumns(factsOf(item, state), columns))
    const room = height - lines.length
    const messages = preview?.key === itemKey(item) ? preview.messages : []
    for (const { role, text } of messages.slice(-room)) {
      const who = role === "user" ? "you" : role === "assistant" ? "agent" : role
      lines.push(`${paint.dim(pad(who, 6))}${fitColumns(sanitize(text), columns - 6)}`)
    }
  }
  return [...lines, ...Array(Math.max(0, height - lines.length)).fill("")].slice(0, height)
}

function factsOf(item: ListedSession, state: ListState): string {
  const { session } = item
  const words = sessionWords(item, state.facts)
  const pid = session.process === null ? "" : `pid ${session.process.pid}`
  const warnings = session.flags.map((flag) =>
    flag === "purge-soon"
      ? describePurge(session.purgeAt, state.facts.now)
      : flag === "no-terminal"
        ? ""
        : `! ${describeFlag(flag)}`,
  )
  const { id, where, context, memory, agents, saved } = words
  return [id, pid, where, context, memory, agents, saved, ...warnings]
    .filter((word) => word !== "")
    .join(" · ")
}

function messageLine(state: ListState, columns: number, paint: Paint): string {
  if (state.typing) return fitColumns(`filter: ${sanitize(state.filter)}█`, columns)
  if (state.message !== null) return paint.yellow(fitColumns(sanitize(state.message), columns))
  const parts = [
    ...(state.filter === "" ? [] : [`filter: ${sanitize(state.filter)}`]),
    ...(state.marked.size === 0 ? [] : [`${count(state.marked.size, "session")} marked`]),
    ...(state.notRead === 0 ? [] : [`${count(state.notRead, "older session")} not read: --all`]),
  ]
  return paint.dim(fitColumns(parts.join(" · "), columns))
}

const actKeys: readonly (readonly [string, string])[] = [
  ["e", "export"],
  ["k", "kill"],
  ["r", "resume"],
  ["o", "go there"],
]
const listKeys = [
  ...actKeys,
  ["Enter", "details"],
  ["/", "filter"],
  ["Space", "mark"],
  ["s", "sort"],
] as const
/** The way out is named at every width. */
const wayOut = {
  list: [
    ["q", "quit"],
    ["?", "keys"],
  ],
  details: [
    ["Esc", "back"],
    ["↑/↓", "scroll"],
  ],
} as const

/** As many keys as fit, the ones that save work first. */
function keyLine(state: ListState, columns: number, paint: Paint): string {
  if (state.typing) return paint.dim(fitColumns("Enter keep the filter · Esc remove it · ↑/↓ move", columns))
  const [keys, last] = state.page === "details" ? [actKeys, wayOut.details] : [listKeys, wayOut.list]
  const shown: (readonly [string, string])[] = [...last]
  for (const [at, key] of keys.entries()) {
    const longer = shown.toSpliced(at, 0, key)
    if (longer.map((each) => each.join(" ")).join(margin).length > columns) break
    shown.splice(at, 0, key)
  }
  return shown.map(([key, does]) => `${paint.bold(key)} ${paint.dim(does)}`).join(margin)
}

const help: readonly (readonly [string, string])[] = [
  ["↑ ↓ PageUp PageDown Home End", "move"],
  ["Enter", "all that is known of the session, and its last messages"],
  ["e", "export: a verified copy of the session, or of all marked ones"],
  ["k", "kill: save, ask, then end its client"],
  ["r", "resume: the command, or start it here"],
  ["o", "go there: its tmux pane, its background window, or where it is"],
  ["d", "dismiss the alarm of a crashed session"],
  ["x", "process exports: index and archive them (cx)"],
  ["Space or Tab, a", "mark one, mark all that are shown"],
  ["/", "filter by title, folder, place, state or id"],
  ["s", "sort by need, activity, size, memory"],
  ["Esc", "one step back"],
  ["q", "quit; nothing is ended by leaving"],
]

export function renderHelp({ columns, rows }: ScreenSize, paint: Paint): readonly string[] {
  const width = columns < 70 ? 12 : 30
  const lines = [paint.bold("Keys"), ""]
  for (const [key, does] of help)
    lines.push(`${paint.cyan(pad(fitColumns(key, width - 2), width))}${fitColumns(does, columns - width)}`)
  lines.push("", paint.dim("any key: back to the list"))
  return [...lines, ...Array(Math.max(0, rows - lines.length)).fill("")].slice(0, rows)
}

/** A page of text, scrolled; the last line names the keys. */
export function renderPage(
  text: readonly string[],
  state: ListState,
  { columns, rows }: ScreenSize,
  paint: Paint,
): { readonly lines: readonly string[]; readonly scroll: number } {
  const wrapped = text.flatMap((line) => Bun.wrapAnsi(line, columns, { hard: true, trim: false }).split("\n"))
  const height = rows - 2
  const scroll = Math.max(0, Math.min(state.scroll, wrapped.length - height))
  const shown = wrapped.slice(scroll, scroll + height)
  const filled = [...shown, ...Array(Math.max(0, height - shown.length)).fill("")]
  return {
    lines: [
      ...filled,
      messageLine(state, columns, paint),
      keyLine({ ...state, typing: false }, columns, paint),
    ],
    scroll,
  }
}
