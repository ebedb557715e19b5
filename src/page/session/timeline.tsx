import type { VNode } from "preact"
import { useEffect, useState } from "preact/hooks"
import { ask } from "../data/api.ts"
import type { About, PromptsDocument, StatusRow, TimelineDocument } from "../data/documents.ts"
import { type PageRoute, sessionHref } from "../data/route.ts"
import { Blocks, type ShownDetail } from "./blocks.tsx"
import { Find } from "./find.tsx"
import { toEnd } from "./keys.ts"
import { Linked } from "./linked.tsx"
import { SessionActions } from "./session-actions.tsx"

const details = [
  ["conversation", "Conversation"],
  ["tools", "With tools"],
  ["all", "Everything"],
] as const

export function TimelinePage({
  route,
  about,
  row,
}: {
  route: PageRoute
  about: About
  row: StatusRow | null
}): VNode {
  const { id, file, place } = route
  const [{ timeline, isGone }, setHeld] = useState<Held>({ timeline: null, isGone: false })
  const [trouble, setTrouble] = useState<string | null>(null)
  const [detail, setDetail] = useState<ShownDetail>("tools")
  useEffect(() => {
    const stop = new AbortController()
    ask<TimelineDocument>(`/api/session/${id}`, stop.signal).then(
      (answer) => {
        setHeld((before) => hold(before, answer))
        setTrouble(null)
      },
      (error: Error) => {
        if (!stop.signal.aborted) setTrouble(error.message)
      },
    )
    return () => stop.abort()
  }, [id, row?.sizeBytes])
  const shown = timeline?.files.find((each) => (file === "" ? each.document === "" : each.name === file))
  return (
    <main class="timeline">
      <h1>{timeline?.title ?? `Session ${id.slice(0, 8)}`}</h1>
      <p class="where">
        {id} · {timeline === null ? "looking …" : timeline.where.replace(about.home, "~")}
        {row === null ? "" : ` · ${row.need}`}
      </p>
      {trouble === null ? null : (
        <p class="damaged" role="alert">
          {trouble}
        </p>
      )}
      {isGone ? <Gone id={id} /> : null}
      <Linked id={id} />
      {timeline?.isIndexOnly === true ? (
        <IndexOnly id={id} />
      ) : (
        <SessionActions id={id} row={row} allowed={about.actions} />
      )}
      {timeline === null ? null : <Tools id={id} timeline={timeline} detail={detail} setDetail={setDetail} />}
      {timeline === null || shown === undefined ? null : (
        <Blocks
          key={`${shown.document} ${detail}`}
          timeline={timeline}
          file={shown}
          detail={detail}
          place={place}
        />
      )}
    </main>
  )
}

interface Held {
  readonly timeline: TimelineDocument | null
  /** Its file was deleted while it was read. */
  readonly isGone: boolean
}

/** What a person is reading does not turn into the little that the index has of it. */
function hold({ timeline }: Held, answer: TimelineDocument): Held {
  const isGone = answer.isIndexOnly && timeline?.id === answer.id && !timeline.isIndexOnly
  return { timeline: isGone ? timeline : answer, isGone }
}

function Gone({ id }: { id: string }): VNode {
  return (
    <p class="damaged" role="alert">
      Its file no longer exists. What was read of it stays here until the page is reloaded; then only what the
      search index has is shown. What survives: <code>session-rescue recover {id.slice(0, 8)}</code>
    </p>
  )
}

function IndexOnly({ id }: { id: string }): VNode {
  return (
    <p class="notice">
      Only the search index still has this session: its words, as they were indexed. This is not the
      transcript: pictures, edits and tokens are not in it. What else survives:{" "}
      <code>session-rescue recover {id.slice(0, 8)}</code>
    </p>
  )
}

type ToolsProps = {
  id: string
  timeline: TimelineDocument
  detail: ShownDetail
  setDetail: (detail: ShownDetail) => void
}

function Tools({ id, timeline, detail, setDetail }: ToolsProps): VNode {
  const others = timeline.files.filter(({ document }) => document !== "")
  return (
    <>
      <div class="filters">
        <label>
          Show{" "}
          <select
            value={detail}
            onChange={({ currentTarget }) => setDetail(currentTarget.value as ShownDetail)}
          >
            {details.map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <Find id={id} />
        <button type="button" onClick={toEnd}>
          To the end
        </button>
      </div>
      <Prompts id={id} />
      {others.length === 0 ? null : (
        <details class="more">
          <summary>Subagents and kept output ({others.length})</summary>
          <ul class="prompts">
            <li>
              <a href={sessionHref(id)}>The conversation itself</a>
            </li>
            {others.map(({ name, document }) => (
              <li key={document}>
                <a href={sessionHref(id, name)}>{document}</a>
              </li>
            ))}
          </ul>
        </details>
      )}
    </>
  )
}

/** What the person asked, in order: asked for when it is opened, as a long session has thousands. */
function Prompts({ id }: { id: string }): VNode {
  const [prompts, setPrompts] = useState<PromptsDocument["prompts"] | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  const onToggle = ({ currentTarget }: { currentTarget: HTMLDetailsElement }) => {
    if (!currentTarget.open) return
    ask<PromptsDocument>(`/api/session/${id}/prompts`).then(
      (answer) => {
        setPrompts(answer.prompts)
        setTrouble(answer.prompts.length === 0 ? "None is in the index yet." : null)
      },
      (error: Error) => setTrouble(error.message),
    )
  }
  return (
    <details class="more" onToggle={onToggle}>
      <summary>Prompts{prompts === null ? "" : ` (${prompts.length})`}</summary>
      <p role="status">{trouble ?? (prompts === null ? "Looking …" : "")}</p>
      <ol class="prompts">
        {(prompts ?? []).map(({ line, offset }) => (
          <li key={offset}>
            <a href={sessionHref(id, "", `m${offset}`)}>{line}</a>
          </li>
        ))}
      </ol>
    </details>
  )
}
