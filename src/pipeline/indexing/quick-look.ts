import { type IndexSource, IndexWriter } from "../../index/index.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"
import type { RunContext } from "../run-context.ts"
import { eachTalk } from "./catch-up.ts"
import { IndexWork } from "./index-work.ts"
import { changedSources, pathsOf, traceSources } from "./sources.ts"

/** Of the time there is, so much at most goes into looking for what is new: to read it is what takes long. */
const shareOfLooking = 0.7
/** Another process that writes is not waited for. */
const patience = 30

export interface QuickLook {
  /** Files that hold more than the index; null: not all were looked at. */
  readonly left: { readonly files: number; readonly bytes: number } | null
}

/** Reads what is new in the homes into an index that is there, as far as that goes in so many milliseconds. */
export async function quickLook(ctx: RunContext, paths: Paths, milliseconds: number): Promise<QuickLook> {
  const began = performance.now()
  const isOver = (share = 1) => ctx.signal.aborted || performance.now() - began > share * milliseconds
  const writer = new IndexWriter(indexPath(paths.data), (kept, why) => ctx.warn(`${kept}: ${why}`), {
    patience,
  })
  const index = new IndexWork(writer)
  try {
    const due: IndexSource[] = []
    let all = true
    for await (const batch of eachTalk({ agent: null, project: null }, ctx)) {
      const range = pathsOf(batch)
      if (range !== null) index.prefetch(...range)
      for (const session of batch) due.push(...changedSources(session, ctx, (file) => index.isCurrent(file)))
      if (!isOver(shareOfLooking)) continue
      all = false
      break
    }
    const unread = await readNewest(index, due, isOver, ctx.warn)
    if (!all) return { left: null }
    if (unread.length === 0) {
      const traces = traceSources(ctx).filter((source) => !index.isCurrent(source))
      await readNewest(index, traces, isOver, ctx.warn)
    }
    return { left: { files: unread.length, bytes: unread.reduce((sum, { size }) => sum + size, 0) } }
  } finally {
    index.close()
  }
}

/** The newest first: that is what is asked for when not all can be had. Returns what was left. */
async function readNewest(
  index: IndexWork,
  due: readonly IndexSource[],
  isOver: () => boolean,
  warn: (message: string) => void,
): Promise<readonly IndexSource[]> {
  const end = new AbortController()
  const advance = () => {
    if (isOver()) end.abort()
  }
  const order = due.toSorted((a, b) => b.modifiedAt - a.modifiedAt)
  for (const [at, source] of order.entries()) {
    advance()
    if (end.signal.aborted) return order.slice(at)
    const { brokenOff } = await index.read([source], { signal: end.signal, advance }, false, true)
    if (end.signal.aborted && brokenOff.length > 0) return order.slice(at)
    for (const { path, why } of brokenOff) warn(`${path} was not read to its end: ${why}`) // no work that is left
  }
  return []
}
