import { parseProjectFilter } from "../../domain/project-filter.ts"
import { parseTimestamp } from "../../domain/timestamp.ts"
import { type Filters, hasWords, indexedAsOf, openIndex, runSearch } from "../../operations/search/search.ts"
import type { Paths } from "../../system/config/paths.ts"
import { cxqDocument } from "../../view/search/json.ts"

const maxHits = 50
/** Within one session a person goes from hit to hit. */
const maxHitsInSession = 200
const maxPrompts = 5000
/** Letters from which on a word is completed: what begins with fewer takes long in a large index. */
const minCompleted = 3

/** Hits for what was typed so far: the last word may be unfinished. Throws NO_INDEX. */
export function searchFor(asked: URLSearchParams, paths: Paths, now: number) {
  const query = completed((asked.get("q") ?? "").slice(0, 500))
  const index = openIndex(paths)
  try {
    const filters = filtersOf(asked, now)
    const limit = filters.session === undefined ? maxHits : maxHitsInSession
    const list = hasWords(query) ? null : ("recent" as const)
    const freshness = { refresh: "in-background", asOf: indexedAsOf(paths), left: null, why: null } as const
    const found = runSearch(index, { query, filters, limit, list })
    const document = cxqDocument(found, () => [], { warnings: [], freshness, scope: null }, null)
    return { ...document, hits: "hits" in document ? document.hits.map(withoutText) : [] }
  } finally {
    index.close()
  }
}

/** A page shows what is around the words; the whole text is asked for with the session. */
function withoutText<T extends { readonly text: string }>({ text: _, ...hit }: T): Omit<T, "text"> {
  return hit
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
export function promptsOf(id: string, paths: Paths) {
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

/** What the session continues, and what continues it: one's file has records of the other. */
export function linksOf(id: string, paths: Paths) {
  const index = openIndex(paths)
  try {
    const after = index.foreignFiles(id).map(({ owner }) => owner)
    return { before: index.heldSessions(id), after: [...new Set(after)] }
  } finally {
    index.close()
  }
}
