import type { FoundSession } from "../../domain/session/session.ts"
import { type IndexSource, IndexWriter } from "../../index/index.ts"
import { indexPath, type Paths } from "../../system/config/paths.ts"
import type { RunContext } from "../run-context.ts"
import { eachSessionBatch } from "./catch-up.ts"
import { IndexIngest } from "./index-work.ts"
import { SessionFacts } from "./session-facts.ts"
import { changedSources, pathRange, traceSources } from "./sources.ts"

/** Share of the time limit that may be spent looking for new data; the rest is for reading it. */
const scanShare = 0.7
/** Does not wait for another writing process. */
const busyTimeoutMs = 30

export interface QuickCatchUp {
  /** Files that contain more than the index; null: not all files were examined. */
  readonly remaining: { readonly files: number; readonly bytes: number } | null
}

/** Reads what is new in the homes into an existing index, as far as that fits in the time limit. */
export async function catchUpQuickly(
  ctx: RunContext,
  paths: Paths,
  milliseconds: number,
): Promise<QuickCatchUp> {
  const began = performance.now()
  const isOver = (share = 1) => ctx.signal.aborted || performance.now() - began > share * milliseconds
  const writer = new IndexWriter(indexPath(paths.data), (kept, why) => ctx.warn(`${kept}: ${why}`), {
    busyTimeoutMs,
  })
  const index = new IndexIngest(writer)
  try {
    const due: IndexSource[] = []
    const changed: FoundSession[] = []
    let all = true
    for await (const batch of eachSessionBatch({ agent: null, project: null }, ctx)) {
      const range = pathRange(batch)
      if (range !== null) index.prefetch(...range)
      for (const session of batch) {
        const sources = changedSources(session, ctx, (file) => index.isCurrent(file))
        due.push(...sources)
        if (sources.length > 0) changed.push(session)
      }
      if (!isOver(scanShare)) continue
      all = false
      break
    }
    const unread = await readNewest(index, due, isOver, ctx.warn)
    const facts = new SessionFacts(index.facts, ctx)
    for (const session of changed) {
      if (isOver()) break
      await facts.add(session)
    }
    if (!all) return { remaining: null }
    if (unread.length === 0) {
      const traces = traceSources(ctx).filter((source) => !index.isCurrent(source))
      await readNewest(index, traces, isOver, ctx.warn)
    }
    return { remaining: { files: unread.length, bytes: unread.reduce((sum, { size }) => sum + size, 0) } }
  } finally {
    index.close()
  }
}

/** Reads the newest files first, because they are the most likely to be asked for. Returns the files not read. */
async function readNewest(
  index: IndexIngest,
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
    const { incomplete } = await index.read([source], { signal: end.signal, advance }, false, true)
    if (end.signal.aborted && incomplete.length > 0) return order.slice(at)
    for (const { path, why } of incomplete) warn(`${path} was not read to its end: ${why}`) // not counted as remaining
  }
  return []
}
