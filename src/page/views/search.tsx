import type { VNode } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import { ask } from "../data/api.ts"
import type { HitRow, SearchDocument } from "../data/documents.ts"
import { sessionHref } from "../data/route.ts"
import { ageOf, folderOf } from "../data/words.ts"

const filters = [
  ["project", "Folder"],
  ["agent", "Agent"],
  ["tool", "Tool"],
  ["since", "Since (3d, 2026-11-22)"],
] as const

/** While the index is being made, more is found a moment later. */
const againMs = 3000

/** Hits while one types: an answer that comes late is dropped. */
export function SearchPage({ home, query }: { home: string; query: URLSearchParams }): VNode {
  const [asked, setAsked] = useState(query.toString())
  const [found, setFound] = useState<SearchDocument | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const params = new URLSearchParams(asked)
  const [again, setAgain] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    let retry: ReturnType<typeof setTimeout> | undefined
    const askLater = () => {
      retry = setTimeout(() => setAgain(again + 1), againMs)
    }
    history.replaceState(null, "", `#/search?${asked}`)
    ask<SearchDocument>(`/api/search?${asked}`, stop.signal).then(
      (answer) => {
        setFound(answer)
        setTrouble(null)
        if (answer.index.asOf === null) askLater()
      },
      (error: Error) => {
        if (stop.signal.aborted) return
        setTrouble(error.message)
        askLater()
      },
    )
    return () => {
      stop.abort()
      clearTimeout(retry)
    }
  }, [asked, again])
  const change = (name: string, value: string) => {
    const next = new URLSearchParams(asked)
    if (value === "") next.delete(name)
    else next.set(name, value)
    setAsked(next.toString())
  }
  return (
    <main>
      <h1>Search</h1>
      <Questions params={params} change={change} />
      <p class="where" role="status">
        {trouble ?? (found === null ? "Looking …" : countWords(found, params.has("q")))}
      </p>
      <ul class="rows">
        {(found?.hits ?? []).map((hit) => (
          <Hit
            key={`${hit.session} ${hit.source.document} ${hit.source.offset} ${hit.snippet}`}
            hit={hit}
            home={home}
          />
        ))}
      </ul>
    </main>
  )
}

type QuestionsProps = { params: URLSearchParams; change: (name: string, value: string) => void }

function Questions({ params, change }: QuestionsProps): VNode {
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => input.current?.focus(), [])
  return (
    <search class="filters">
      <label>
        Words{" "}
        <input
          ref={input}
          type="search"
          autocomplete="off"
          value={params.get("q") ?? ""}
          onInput={({ currentTarget }) => change("q", currentTarget.value)}
        />
      </label>
      {filters.map(([name, label]) => (
        <label key={name}>
          {label}{" "}
          <input
            value={params.get(name) ?? ""}
            onInput={({ currentTarget }) => change(name, currentTarget.value)}
          />
        </label>
      ))}
    </search>
  )
}

function countWords(found: SearchDocument, hasWords: boolean): string {
  const { total, totalIsExact, hits, match, corrected = [], index } = found
  const making = index.asOf === null ? " The index is still being made: more may be found in a moment." : ""
  if (!hasWords)
    return `The newest messages. Type to search in all that was said, called and answered.${making}`
  if (total === 0) return `Nothing that is indexed has these words with these filters.${making}`
  const shown = hits.length < total ? `, the first ${hits.length} are shown` : ""
  const words = corrected.map(({ typed, tried }) => `${typed} as ${tried}`)
  const read = words.length === 0 ? "" : ` Searched for ${words.join(", ")}.`
  const near =
    match === "most" && total > 0 ? " No message has all of these words: the nearest are shown." : ""
  return `${totalIsExact === false ? "about " : ""}${total} ${total === 1 ? "hit" : "hits"}${shown}.${read}${near}${making}`
}

function Hit({ hit, home }: { hit: HitRow; home: string }): VNode {
  const { session, source, title, project, time, subagent, tool, kind, role } = hit
  const who = tool ?? (kind === "text" ? role : kind)
  const about = [
    who,
    subagent === null ? null : `subagent ${subagent}`,
    folderOf(project, home),
    hit.agent,
    ageOf(time),
  ]
  return (
    <li>
      <a href={hitHref(hit)}>{title ?? `Session ${session.slice(0, 8)}`}</a>
      <p>{marked(hit)}</p>
      <p class="where">
        {about.filter((each) => each !== null).join(" · ")}
        {source.gone ? " · only in the index: its file is gone" : ""}
      </p>
    </li>
  )
}

export function hitHref({ session, source }: HitRow): string {
  return sessionHref(session, nameOf(source.document), `m${source.offset}`)
}

/** As the server names files. */
function nameOf(document: string): string {
  return document === ""
    ? ""
    : document
        .slice(document.lastIndexOf("/") + 1)
        .replace(/\.[a-z]+$/, "")
        .replace(/[^A-Za-z0-9_-]/g, "-")
        .slice(0, 80)
}

function marked({ snippet, marks }: HitRow): (VNode | string)[] {
  const pieces: (VNode | string)[] = []
  let at = 0
  for (const [from, to] of marks) {
    pieces.push(snippet.slice(at, from), <mark key={from}>{snippet.slice(from, to)}</mark>)
    at = to
  }
  return [...pieces, snippet.slice(at)]
}
