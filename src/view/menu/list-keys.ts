import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { count } from "../terminal/format.ts"
import {
  chosenItems,
  itemKey,
  itemUnderCursor,
  type ListState,
  listSortings,
  visibleItems,
  withCursor,
} from "./list-state.ts"

/** A key as the terminal reports it: its name, or the character it types. */
export interface Key {
  /** `up`, `pagedown`, `return`, `escape`, `e`, … */
  readonly name: string
  /** What it types; empty for keys that type nothing. */
  readonly text: string
  readonly ctrl: boolean
}

/** What a key asks for beyond moving about in the list. */
export type ListIntent =
  | { readonly kind: "export" | "kill" | "dismiss"; readonly items: readonly ListedSession[] }
  | { readonly kind: "resume" | "go"; readonly item: ListedSession }
  | { readonly kind: "process" | "leave" | "interrupt" | "suspend" }

export interface Pressed {
  readonly state: ListState
  readonly intent: ListIntent | null
}

/** `pageRows`: how many rows PageUp and PageDown move. */
export function pressKey(state: ListState, key: Key, pageRows: number): Pressed {
  const quiet = { ...state, message: null }
  if (key.ctrl && key.name === "c") return { state: quiet, intent: { kind: "interrupt" } }
  if (key.ctrl && key.name === "d") return { state: quiet, intent: { kind: "leave" } }
  if (key.ctrl && key.name === "z") return { state: quiet, intent: { kind: "suspend" } }
  if (state.page === "help") return stay({ ...quiet, page: "list" })
  const moved = moveCursor(quiet, key, pageRows)
  if (moved !== null) return stay(moved)
  if (state.typing) return stay(typeFilter(quiet, key))
  if (key.name === "escape") return goBack(quiet)
  return state.page === "details" && key.name === "return" ? goBack(quiet) : act(quiet, key)
}

function stay(state: ListState): Pressed {
  return { state, intent: null }
}

function moveCursor(state: ListState, { name }: Key, pageRows: number): ListState | null {
  const steps: Partial<Record<string, number>> = {
    up: -1,
    down: 1,
    pageup: -pageRows,
    pagedown: pageRows,
    home: Number.NEGATIVE_INFINITY,
    end: Number.POSITIVE_INFINITY,
  }
  const step = steps[name]
  if (step === undefined) return null
  if (state.page === "details") {
    const scroll = Number.isFinite(step) ? state.scroll + step : step < 0 ? 0 : Number.MAX_SAFE_INTEGER
    return { ...state, scroll: Math.max(0, scroll) }
  }
  const last = Math.max(0, visibleItems(state).length - 1)
  return withCursor(state, Math.max(0, Math.min(last, state.cursor.index + step)))
}

function typeFilter(state: ListState, { name, text, ctrl }: Key): ListState {
  if (name === "escape") return withCursor({ ...state, filter: "", typing: false })
  if (name === "return") return withCursor({ ...state, typing: false })
  if (name === "backspace")
    return state.filter === "" ? { ...state, typing: false } : refilter(state, state.filter.slice(0, -1))
  if (ctrl && name === "u") return refilter(state, "")
  return ctrl || text === "" ? state : refilter(state, state.filter + text)
}

/** The best match is what the user wants: the cursor goes there. */
function refilter(state: ListState, filter: string): ListState {
  return withCursor({ ...state, filter }, 0)
}

/** One step back: from details to the list, then marks and filter are dropped, then the list is left. */
function goBack(state: ListState): Pressed {
  if (state.page !== "list") return stay({ ...state, page: "list", scroll: 0 })
  if (state.marked.size > 0) return stay({ ...state, marked: new Set() })
  if (state.filter !== "") return stay(withCursor({ ...state, filter: "" }))
  return { state, intent: { kind: "leave" } }
}

function act(state: ListState, key: Key): Pressed {
  const item = itemUnderCursor(state)
  switch (key.text || key.name) {
    case "q":
      return { state, intent: { kind: "leave" } }
    case "/":
      return stay({ ...state, page: "list", typing: true })
    case "?":
    case "h":
      return stay({ ...state, page: "help" })
    case "s":
      return stay(nextSorting(state))
    case "x":
      return { state, intent: { kind: "process" } }
  }
  if (item === null) return stay(state)
  switch (key.name === "space" ? " " : key.text || key.name) {
    case "return":
    case "\r":
      return stay({ ...state, page: "details", scroll: 0 })
    case " ":
    case "tab":
    case "\t":
      return stay(toggleMark(state, item))
    case "a":
      return stay(toggleAll(state))
    case "e":
      return { state, intent: { kind: "export", items: chosenItems(state) } }
    case "k":
      return { state, intent: { kind: "kill", items: chosenItems(state) } }
    case "d":
      return { state, intent: { kind: "dismiss", items: chosenItems(state) } }
    case "r":
      return { state, intent: { kind: "resume", item } }
    case "o":
      return { state, intent: { kind: "go", item } }
  }
  return stay(state)
}

function toggleMark(state: ListState, item: ListedSession): ListState {
  const marked = new Set(state.marked)
  if (!marked.delete(itemKey(item))) marked.add(itemKey(item))
  return withCursor({ ...state, marked }, state.cursor.index + 1)
}

function toggleAll(state: ListState): ListState {
  const keys = visibleItems(state).map(itemKey)
  const all = keys.every((key) => state.marked.has(key))
  return {
    ...state,
    marked: new Set(all ? [] : keys),
    message: all ? null : `${count(keys.length, "session")} marked`,
  }
}

function nextSorting(state: ListState): ListState {
  const sort = listSortings[(listSortings.indexOf(state.sort) + 1) % listSortings.length] ?? "need"
  return withCursor({ ...state, sort, message: `sorted by ${sort}` })
}
