import { activityTime, sessionKey } from "../../domain/session/session.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { sessionWords, type WordFacts } from "../sessions/session-words.ts"
import { matchScore } from "./filter.ts"

export const listSortings = ["need", "activity", "size", "memory"] as const
export type ListSorting = (typeof listSortings)[number]

/** What a list of sessions shows, and where its user is in it. Every change makes a new one. */
export interface ListState {
  readonly items: readonly ListedSession[]
  readonly notRead: number
  readonly sort: ListSorting
  readonly filter: string
  /** Letters go to the filter instead of being keys. */
  readonly typing: boolean
  /** Keys of the marked sessions. */
  readonly marked: ReadonlySet<string>
  /** The session under the cursor, and where it stood: another takes its place when it goes. */
  readonly cursor: { readonly key: string | null; readonly index: number }
  readonly page: "list" | "details" | "help"
  /** First line shown on the page of details. */
  readonly scroll: number
  /** What just happened; the next key removes it. */
  readonly message: string | null
  readonly facts: WordFacts
}

export function emptyList(facts: WordFacts): ListState {
  return {
    items: [],
    notRead: 0,
    sort: "need",
    filter: "",
    typing: false,
    marked: new Set(),
    cursor: { key: null, index: 0 },
    page: "list",
    scroll: 0,
    message: null,
    facts,
  }
}

export function itemKey({ session }: ListedSession): string {
  return sessionKey(session)
}

/** The rows as they are shown: filtered, best match first, else in the chosen order. */
export function visibleItems({ items, filter, sort, facts }: ListState): readonly ListedSession[] {
  if (filter.trim() === "") return sortItems(items, sort)
  const scored = sortItems(items, sort).map((item) => {
    const { process, id, names } = item.session
    const more = [id ?? "", String(process?.pid ?? ""), ...(names ?? []).map(({ value }) => value), item.need]
    return { item, score: matchScore(filter, sessionWords(item, facts), more) }
  })
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score)
    .map(({ item }) => item)
}

/** `need` keeps the order in which they come. */
export function sortItems(items: readonly ListedSession[], by: ListSorting): readonly ListedSession[] {
  if (by === "need") return items
  const newest = items.toSorted((a, b) => activityTime(b.session) - activityTime(a.session)) // of equal ones the newest comes first
  if (by === "activity") return newest
  if (by === "memory") return newest.toSorted((a, b) => memory(b) - memory(a))
  return newest.toSorted((a, b) => b.session.sizeBytes - a.session.sizeBytes)
}

function memory({ session: { process } }: ListedSession): number {
  return process?.usage?.memoryBytes ?? (process === null ? -1 : 0)
}

/** A new look at the machine: the cursor stays on its session, marks of sessions that are gone are dropped. */
export function withItems(
  state: ListState,
  list: { readonly listed: readonly ListedSession[]; readonly notRead: number },
  facts: WordFacts,
): ListState {
  const keys = new Set(list.listed.map(itemKey))
  const marked = new Set([...state.marked].filter((key) => keys.has(key)))
  const next = withCursor({ ...state, items: list.listed, notRead: list.notRead, marked, facts })
  if (state.page !== "details" || next.cursor.key === state.cursor.key) return next
  // the keys on this page would act on another session than the page shows
  return { ...next, page: "list", scroll: 0, message: "the session is not listed any more" }
}

/** Puts the cursor on its session, or on the one that is now at its place. */
export function withCursor(state: ListState, moveTo: number | null = null): ListState {
  const visible = visibleItems(state)
  const { key, index } = state.cursor
  const found = moveTo === null ? visible.findIndex((item) => itemKey(item) === key) : -1
  const wanted = moveTo ?? (found === -1 ? index : found)
  const at = Math.max(0, Math.min(visible.length - 1, wanted))
  const under = visible[at]
  return { ...state, cursor: { key: under === undefined ? null : itemKey(under), index: at } }
}

export function itemUnderCursor(state: ListState): ListedSession | null {
  return visibleItems(state)[state.cursor.index] ?? null
}

/** The marked sessions in the order of the list, or the one under the cursor. */
export function chosenItems(state: ListState): readonly ListedSession[] {
  const marked = state.items.filter((item) => state.marked.has(itemKey(item)))
  if (marked.length > 0) return marked
  const under = itemUnderCursor(state)
  return under === null ? [] : [under]
}
