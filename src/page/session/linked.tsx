import type { VNode } from "preact"
import { useEffect, useState } from "preact/hooks"
import { ask } from "../data/api.ts"
import type { LinksDocument } from "../data/documents.ts"
import { sessionHref } from "../data/route.ts"

/** What was said before this session, and what goes on with it, as far as the index knows. */
export function Linked({ id }: { id: string }): VNode | null {
  const [links, setLinks] = useState<LinksDocument | null>(null)
  useEffect(() => {
    const stop = new AbortController()
    // without an index nothing is known
    ask<LinksDocument>(`/api/session/${id}/links`, stop.signal).then(setLinks, () => {})
    return () => stop.abort()
  }, [id])
  const { before, after } = links ?? { before: [], after: [] }
  if (before.length + after.length === 0) return null
  return (
    <nav class="pages" aria-label="Continued sessions">
      <Links name="← Continues" ids={before} />
      <Links name="Continued in →" ids={after} />
    </nav>
  )
}

function Links({ name, ids }: { name: string; ids: readonly string[] }): VNode | null {
  if (ids.length === 0) return null
  return (
    <span>
      {name}
      {ids.map((id) => (
        <a key={id} href={sessionHref(id)}>
          {" "}
          Session {id.slice(0, 8)}
        </a>
      ))}
    </span>
  )
}
