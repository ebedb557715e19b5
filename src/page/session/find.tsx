import type { VNode } from "preact"
import { useEffect, useState } from "preact/hooks"
import { ask } from "../data/api.ts"
import type { SearchDocument } from "../data/documents.ts"
import { hitHref } from "../views/search.tsx"
import { useKeys } from "./keys.ts"

function foundWords(at: number, reached: number, total: number): string {
  if (reached === 0) return "not found"
  const more = reached < total ? ` of ${total}: the best ${reached}` : ""
  return at === -1 ? `${reached} hits${more}` : `${at + 1}/${reached}${more}`
}

/** Finds in the whole session: what the browser's own search cannot, as most of it is not laid out. */
export function Find({ id }: { id: string }): VNode {
  const [query, setQuery] = useState("")
  const [hits, setHits] = useState<SearchDocument["hits"]>([])
  const [at, setAt] = useState(-1)
  const [total, setTotal] = useState(0)
  useEffect(() => {
    if (query === "") return setHits([])
    const stop = new AbortController()
    const asked = new URLSearchParams({ q: query, session: id })
    ask<SearchDocument>(`/api/search?${asked}`, stop.signal).then(
      (answer) => {
        setHits(answer.hits.toSorted((a, b) => a.source.offset - b.source.offset))
        setTotal(answer.total)
        setAt(-1)
      },
      () => {},
    )
    return () => stop.abort()
  }, [id, query])
  const go = (by: number) => {
    if (hits.length === 0) return
    const next = at === -1 && by < 0 ? hits.length - 1 : (at + by + hits.length) % hits.length
    const hit = hits[next]
    setAt(next)
    if (hit !== undefined) location.hash = hitHref(hit).slice(1)
  }
  useKeys({ n: () => go(1), N: () => go(-1) })
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault()
        go(1)
      }}
    >
      <label>
        Find in this session{" "}
        <input type="search" value={query} onInput={({ currentTarget }) => setQuery(currentTarget.value)} />
      </label>{" "}
      <span role="status">{query === "" ? "" : foundWords(at, hits.length, total)}</span>
    </form>
  )
}
