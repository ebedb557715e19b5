import type { VNode } from "preact"
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks"
import type { Tree } from "../../view/render/tree.ts"
import { ask } from "../data/api.ts"
import type { Nearness } from "./nearness.ts"
import { DrawnTree } from "./tree-view.ts"

/** A guess until a stretch has been laid out once. */
const guessedHeight = 1600

type BlockProps = {
  nearness: Nearness
  /** `top`: where it begins, from the top of the window; `grown`: by how much its height has changed. */
  onHeight: (top: number, grown: number) => void
  place: string
  question: string
  /** Where it ends: the last stretch of a session that grows does, too. */
  to: number
}

/** One stretch of a file: empty and as high as it was, until it comes near. */
export function Block({ nearness, onHeight, place, question, to }: BlockProps): VNode {
  const own = useRef<HTMLDivElement>(null)
  const [isNear, setNear] = useState(false)
  const height = useRef(guessedHeight)
  useEffect(() => {
    const element = own.current
    if (element === null) return
    return nearness.watch(element, (next) => {
      if (!next) height.current = element.offsetHeight
      setNear(next)
    })
  }, [])
  const { trees, trouble } = useTrees(isNear, question, to)
  useLayoutEffect(() => {
    const element = own.current
    if (trees === null || element === null) return
    const before = height.current
    height.current = element.offsetHeight
    onHeight(element.getBoundingClientRect().top, height.current - before)
  }, [trees])
  useEffect(() => {
    const target = trees === null || place === "" ? null : document.getElementById(place)
    if (target === null || own.current?.contains(target) !== true) return
    if (target instanceof HTMLDetailsElement) target.open = true
    target.classList.add("hit")
    target.scrollIntoView({ block: "center" })
    return () => target.classList.remove("hit")
  }, [trees !== null, place])
  return (
    <div ref={own} style={trees === null ? { height: `${height.current}px` } : {}}>
      {trouble === null ? null : <p class="damaged">{trouble}</p>}
      {(trees ?? []).map((tree, at) => (
        <DrawnTree key={at} tree={tree} />
      ))}
    </div>
  )
}

interface Shown {
  readonly trees: readonly Tree[] | null
  readonly trouble: string | null
}

/** What a stretch holds while it is near. One that has grown is read again, and stays until the answer comes. */
function useTrees(isNear: boolean, question: string, to: number): Shown {
  const [shown, setShown] = useState<Shown>({ trees: null, trouble: null })
  useEffect(() => {
    if (!isNear) return setShown({ trees: null, trouble: null })
    const stop = new AbortController()
    ask<{ entries: readonly Tree[] }>(`${question}&to=${to}`, stop.signal).then(
      ({ entries }) => setShown({ trees: entries, trouble: null }),
      (error: Error) => {
        if (!stop.signal.aborted) setShown(({ trees }) => ({ trees, trouble: error.message }))
      },
    )
    return () => stop.abort()
  }, [isNear, question, to])
  return shown
}
