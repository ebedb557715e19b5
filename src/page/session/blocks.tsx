import type { VNode } from "preact"
import { useEffect, useRef, useState } from "preact/hooks"
import type { Tree } from "../../view/render/tree.ts"
import { ask } from "../data/api.ts"
import type { FileRow, TimelineDocument } from "../data/documents.ts"
import { useMessageKeys } from "./keys.ts"
import { DrawnTree } from "./tree-view.ts"

/** How much is shown. */
export type ShownDetail = "conversation" | "tools" | "all"

/** A guess until a stretch has been laid out once. */
const guessedHeight = 1600
/** Stretches are laid out this far before they are seen. */
const aheadPx = 1200
/** This near to the end, a session that grows keeps its end in sight. */
const endPx = 200

type BlocksProps = { timeline: TimelineDocument; file: FileRow; detail: ShownDetail; place: string }

/** The stretches of a file: only those that are near are asked for and laid out. */
export function Blocks({ timeline, file, detail, place }: BlocksProps): VNode {
  const root = useRef<HTMLDivElement>(null)
  const [near, setNear] = useState<ReadonlySet<number>>(new Set())
  const heights = useRef(new Map<number, number>())
  const starts = file.offsets.slice(0, -1)
  useEffect(() => {
    const observer = new IntersectionObserver(
      (changes) => {
        setNear((known) => {
          const next = new Set(known)
          for (const { target, isIntersecting } of changes) {
            const index = Number((target as HTMLElement).dataset.block)
            if (isIntersecting) next.add(index)
            else next.delete(index)
          }
          return next
        })
      },
      { rootMargin: `${aheadPx}px 0px` },
    )
    for (const block of root.current?.children ?? []) observer.observe(block)
    return () => observer.disconnect()
  }, [starts.length])
  useEffect(() => scrollToBlock(root.current, file.offsets, place), [place])
  const wasAtEnd = useRef(false)
  useEffect(() => {
    const onScroll = () => {
      const { scrollHeight, clientHeight } = document.documentElement
      wasAtEnd.current = scrollHeight - clientHeight - scrollY < endPx
    }
    addEventListener("scroll", onScroll, { passive: true })
    return () => removeEventListener("scroll", onScroll)
  }, [])
  useEffect(() => {
    if (wasAtEnd.current) scrollTo(0, document.documentElement.scrollHeight)
  }, [file.size])
  useMessageKeys(root)
  return (
    <div ref={root}>
      {starts.map((from, index) => (
        <Block
          key={from}
          index={index}
          isNear={near.has(index)}
          heights={heights.current}
          place={place}
          question={questionFor(timeline, file, detail, from, file.offsets[index + 1] ?? from)}
        />
      ))}
    </div>
  )
}

function questionFor(
  timeline: TimelineDocument,
  file: FileRow,
  detail: ShownDetail,
  from: number,
  to: number,
): string {
  const { id, agent } = timeline
  const asked = new URLSearchParams({ document: file.document, from: `${from}`, to: `${to}`, detail, agent })
  return `/api/session/${id}/block?${asked}`
}

type BlockProps = {
  index: number
  isNear: boolean
  heights: Map<number, number>
  place: string
  question: string
}

function Block({ index, isNear, heights, place, question }: BlockProps): VNode {
  const own = useRef<HTMLDivElement>(null)
  const [trees, setTrees] = useState<readonly Tree[] | null>(null)
  const [trouble, setTrouble] = useState<string | null>(null)
  useEffect(() => {
    if (!isNear) return
    const stop = new AbortController()
    ask<{ entries: readonly Tree[] }>(question, stop.signal).then(
      ({ entries }) => {
        setTrees(entries)
        setTrouble(null)
      },
      (error: Error) => {
        if (!stop.signal.aborted) setTrouble(error.message)
      },
    )
    return () => {
      stop.abort()
      if (own.current !== null) heights.set(index, own.current.offsetHeight)
      setTrees(null)
    }
  }, [isNear, question.replace(/&to=\d+/, "")])
  useEffect(() => {
    // a stretch that has grown is read again, and what is there stays until the answer comes
    if (isNear && trees !== null)
      ask<{ entries: readonly Tree[] }>(question).then(
        ({ entries }) => setTrees(entries),
        () => {},
      )
  }, [question])
  useEffect(() => {
    const target = trees === null || place === "" ? null : document.getElementById(place)
    if (target === null || own.current?.contains(target) !== true) return
    if (target instanceof HTMLDetailsElement) target.open = true
    target.classList.add("hit")
    target.scrollIntoView({ block: "center" })
    return () => target.classList.remove("hit")
  }, [trees !== null, place])
  const height = `${heights.get(index) ?? guessedHeight}px`
  return (
    <div ref={own} data-block={index} style={trees === null ? { height } : {}}>
      {trouble === null ? null : <p class="damaged">{trouble}</p>}
      {(trees ?? []).map((tree, at) => (
        <DrawnTree key={at} tree={tree} />
      ))}
    </div>
  )
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
