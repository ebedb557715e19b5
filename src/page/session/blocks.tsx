import type { VNode } from "preact"
import { useEffect, useRef } from "preact/hooks"
import type { FileRow, TimelineDocument } from "../data/documents.ts"
import { Block } from "./block.tsx"
import { toEnd, useMessageKeys } from "./keys.ts"
import { Nearness } from "./nearness.ts"

/** How much is shown. */
export type ShownDetail = "conversation" | "tools" | "all"

/** This near to the end, a session that grows keeps its end in sight. */
const endPx = 200

type BlocksProps = { timeline: TimelineDocument; file: FileRow; detail: ShownDetail; place: string }

/** The stretches of a file: only those that are near are asked for and laid out. */
export function Blocks({ timeline, file, detail, place }: BlocksProps): VNode {
  const root = useRef<HTMLDivElement>(null)
  const nearness = useRef<Nearness>(undefined)
  nearness.current ??= new Nearness()
  useEffect(() => () => nearness.current?.stop(), [])
  const isAtEnd = useRef(false)
  useEffect(() => {
    const onScroll = () => {
      const { scrollHeight, clientHeight } = document.documentElement
      isAtEnd.current = scrollHeight - clientHeight - scrollY < endPx
    }
    addEventListener("scroll", onScroll, { passive: true })
    return () => removeEventListener("scroll", onScroll)
  }, [])
  useEffect(() => {
    if (isAtEnd.current) toEnd()
  }, [file.size])
  useEffect(() => {
    if (place === "") return
    isAtEnd.current = false
    // one that is laid out scrolls itself into sight
    if (document.getElementById(place) === null) scrollToBlock(root.current, file.offsets, place)
  }, [place])
  const onHeight = (top: number, grown: number) => {
    if (isAtEnd.current) toEnd()
    else if (top < 0 && grown !== 0) scrollBy(0, grown) // what is read stays where it is
  }
  useMessageKeys(root, (to) => {
    isAtEnd.current = to === "end"
  })
  return (
    <div ref={root} class="blocks">
      {file.offsets.slice(0, -1).map((from, index) => (
        <Block
          key={from}
          nearness={nearness.current as Nearness}
          onHeight={onHeight}
          place={place}
          question={questionFor(timeline, file, detail, from)}
          to={file.offsets[index + 1] ?? from}
        />
      ))}
    </div>
  )
}

function questionFor(
  { id, agent, isIndexOnly }: TimelineDocument,
  file: FileRow,
  detail: ShownDetail,
  from: number,
) {
  const asked = new URLSearchParams({ document: file.document, detail, agent, from: `${from}` })
  if (!isIndexOnly) asked.set("of", "file") // its places mean nothing in the index
  return `/api/session/${id}/block?${asked}`
}

function scrollToBlock(root: HTMLElement | null, offsets: readonly number[], place: string): void {
  const offset = /m(\d+)(?:-\d+)?$/.exec(place)?.[1]
  if (root === null || offset === undefined) return
  const index = Math.max(
    0,
    offsets.slice(0, -1).findLastIndex((start) => start <= Number(offset)),
  )
  root.children[index]?.scrollIntoView({ block: "start" })
}
