import { type CutRow, type Row, readCells, readChildren, readInnerEntries } from "./cells.ts"
import type { Pages } from "./pages.ts"

/** What a walk through the pages of one table or index has met. */
export interface Walk {
  /** Every page of it, readable or not. */
  readonly seen: Set<number>
  /** Pages that are missing, or hold something else. */
  readonly damaged: Set<number>
  readonly cut: CutRow[]
  wrongCells: number
}

export function newWalk(): Walk {
  return { seen: new Set(), damaged: new Set(), cut: [], wrongCells: 0 }
}

const leaves = { table: 13, index: 10 } as const
const inner = { table: 5, index: 2 } as const

/** The rows below a page, as far as pages can be read: what is wrong is noted, and left out. */
export function* walkTree(pages: Pages, root: number, kind: "table" | "index", walk: Walk): Generator<Row> {
  const waiting = [root]
  while (waiting.length > 0) {
    const number = waiting.pop() ?? 0
    if (walk.seen.has(number)) {
      walk.damaged.add(number) // two pages that name one, or a loop
      continue
    }
    walk.seen.add(number)
    const page = pages.page(number)
    const header = number === 1 ? 100 : 0
    const type = page?.[header]
    if (page === null || (type !== leaves[kind] && type !== inner[kind])) walk.damaged.add(number)
    else if (type === leaves[kind]) yield* rowsOn(pages, page, { number, header, kind, walk })
    else {
      const children = readChildren(pages, page, header)
      if (children.includes(null)) walk.damaged.add(number)
      waiting.push(...children.filter((child) => child !== null).toReversed())
      if (kind === "index") yield* readInnerEntries(pages, page, header)
    }
  }
}

interface Leaf {
  readonly number: number
  readonly header: number
  readonly kind: "table" | "index"
  readonly walk: Walk
}

function* rowsOn(pages: Pages, page: Uint8Array, { number, header, kind, walk }: Leaf): Generator<Row> {
  const { rows, cut, wrong, overflow } = readCells(pages, page, header, kind === "index")
  for (const each of overflow) walk.seen.add(each)
  walk.cut.push(...cut)
  walk.wrongCells += wrong
  if (wrong > 0) walk.damaged.add(number)
  yield* rows
}
