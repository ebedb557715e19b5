import { parseProjectFilter } from "../../domain/project-filter.ts"
import { parseTimestamp } from "../../domain/timestamp.ts"
import { type Filters, hasWords, openIndex, runSearch } from "../../operations/search/search.ts"
import { cxqDocument } from "../../view/search/json.ts"
import type { Environment } from "../framework/environment.ts"

const maxHits = 50
const maxPrompts = 5000
/** Letters from which on a word is completed: what begins with fewer takes long in a large index. */
const minCompleted = 3
const unknownFreshness = { refresh: "off", asOf: null, left: null, why: null } as const

/** Hits for what was typed so far: the last word may be unfinished. Throws NO_INDEX. */
export function searchFor(asked: URLSearchParams, { paths, ctx }: Environment) {
  const query = completed((asked.get("q") ?? "").slice(0, 500))
  const index = openIndex(paths)
  try {
    const filters = filtersOf(asked, ctx.now)
    const request = { query, filters, limit: maxHits, list: hasWords(query) ? null : ("recent" as const) }
    const about = { warnings: [], freshness: unknownFreshness, scope: null }
    return cxqDocument(runSearch(index, request), () => [], about, null)
  } finally {
    index.close()
  }
}

function completed(query: string): string {
  const last = /[\p{L}\p{N}_]+$/u.exec(query)?.[0] ?? ""
  return last.length >= minCompleted ? `${query}*` : query
}

function filtersOf(asked: URLSearchParams, now: number): Filters {
  const text = (name: string) => asked.get(name)?.slice(0, 300) || null
  const [session, agent, tool, project, since] = ["session", "agent", "tool", "project", "since"].map(text)
  const from = since == null ? null : parseTimestamp(since, now, false)
  return {
    ...(session == null ? {} : { session }),
    ...(agent == null ? {} : { agent }),
    ...(tool == null ? {} : { tool }),
    ...(project == null
      ? {}
      : {
          project: parseProjectFilter(
            project,
            (path) => path,
            () => null,
          ),
        }),
    ...(from === null ? {} : { since: from }),
  }
}

/** The person's prompts in a session, in order, as far as the index knows them. */
export function promptsOf(id: string, { paths }: Environment) {
  const index = openIndex(paths)
  try {
    const filters = { session: id, kind: "text", role: "user" } as const
    const prompts = index
      .recent(filters, maxPrompts)
      .filter(({ source }) => source.document === "")
      .map(({ text, time, source }) => ({ line: text.slice(0, 200), time, offset: source.offset }))
    return { prompts: prompts.toSorted((a, b) => a.offset - b.offset) }
  } finally {
    index.close()
  }
}
