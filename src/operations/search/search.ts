/** Searches the index, keeps it up to date, and opens sessions and hits for reading. */

import {
  type CommandRun,
  type Filters,
  type IndexedPart,
  IndexReader,
  lastFullRead,
  parseQuery,
  type SearchResult,
} from "../../index/index.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"

export type {
  CommandRun,
  Failure,
  Filters,
  Hit,
  IndexedPart,
  IndexStats,
  QuestionAnswer,
  TokenUsage,
  TouchedFile,
} from "../../index/index.ts"

/** A query to the index: words, filters, and the type of result. */
export interface SearchRequest {
  readonly query: string
  readonly filters: Filters
  readonly limit: number
  readonly list: "recent" | "commands" | "files" | "errors" | null
}

export type { IndexReader }

export type Answer = ReturnType<typeof runSearch>

/** Throws NO_INDEX when there is no index. */
export function openIndex(paths: Paths): IndexReader {
  return new IndexReader(indexPath(paths.data))
}

/** When all sessions had been read into the index, milliseconds since 1970; null: never. */
export function indexedAsOf(paths: Paths): number | null {
  return lastFullRead(indexPath(paths.data))
}

/** A query with words is always a search, except for `recent`; the other lists take filters only. */
export function runSearch(index: IndexReader, asked: SearchRequest) {
  const { query, filters, limit, list } = asked
  if (list === "recent") return { type: "recent", list: recentMessages(index, asked) } as const
  if (query === "" && list === "commands" && filters.errors === true)
    return { type: "commands", list: failedCommands(index, asked) } as const
  if (query === "" && list === "commands")
    return { type: "commands", list: index.commands(filters, limit) } as const
  if (query === "" && list === "files") return { type: "files", list: index.files(filters, limit) } as const
  if (query === "" && list === "errors")
    return { type: "errors", list: index.failures(filters, limit) } as const
  return { type: "hits", found: index.answer(query, filters, limit) } as const
}

/** Whether the query contains a letter or digit to search for. */
export function hasWords(query: string): boolean {
  return parseQuery(query) !== null
}

export function isEmpty(answer: Answer): boolean {
  return answer.type === "hits" ? answer.found.hits.length === 0 : answer.list.length === 0
}

export type Around = (part: number) => readonly IndexedPart[]

/**
 * Failures are recorded on the result, not on the call. Any number of other tools' failures may be in between, so that
 * the limit grows until there are enough.
 */
function failedCommands(index: IndexReader, { filters, limit }: SearchRequest): readonly CommandRun[] {
  const { commands: _, role, ...others } = filters
  for (let most = 20 * limit; ; most *= 8) {
    const failures = index.failures(others, most, 0)
    const runs = failures.flatMap(({ call, result }) =>
      call === null || call.command === null || (role ?? call.role) !== call.role ? [] : [{ call, result }],
    )
    if (runs.length >= limit || failures.length < most) return runs.slice(0, limit)
  }
}

/**
 * The newest prompts and answers; with filters of a part's kind, the newest parts that match them. The oldest first.
 */
function recentMessages(
  index: IndexReader,
  { query, filters, limit }: SearchRequest,
): readonly IndexedPart[] {
  if (query !== "") return inOrder(index.search(query, filters, limit).hits)
  const { kind, role, tool, errors, commands, files } = filters
  if (kind ?? role ?? tool ?? errors ?? commands ?? files) return inOrder(index.recent(filters, limit))
  const said = (by: "user" | "assistant") => index.recent({ ...filters, kind: "text", role: by }, limit)
  return inOrder([...said("user"), ...said("assistant")]).slice(-limit)
}

function inOrder(parts: SearchResult["hits"] | readonly IndexedPart[]): readonly IndexedPart[] {
  return parts.toSorted((a, b) => (a.time ?? 0) - (b.time ?? 0) || a.part - b.part)
}
