import type { Entry } from "./entries.ts"

/** What a record follows, by position; `missing`: a record that is not there. undefined: it is in no chain. */
type Link = number | null | "missing" | undefined

/** How the records of a chained transcript follow each other, as they are and as they can be. */
export interface Links {
  readonly as: readonly Link[]
  /** The link of every record whose own leads nowhere or into a loop. */
  readonly relinked: ReadonlyMap<number, number | null>
  readonly broken: readonly number[]
  /** One record of every loop: the first of it in the file. */
  readonly loops: readonly number[]
  /** Records whose parent stands behind them. */
  readonly outOfOrder: readonly number[]
}

/**
 * `copies`: positions of records that are a second copy of an earlier one; a client merges them. `byTime`: a record that
 * follows nothing is linked to the one that was written before it, not to the one that stands before it.
 */
export function readLinks(entries: readonly Entry[], copies: ReadonlySet<number>, byTime = false): Links {
  const resolve = resolver(entries, copies)
  const as = entries.map(({ facts }, index): Link => {
    const isUnlinked = byTime && facts.speaker !== null && facts.id !== null && facts.parent === undefined
    if (copies.has(index) || (facts.parent === undefined && !isUnlinked)) return undefined
    if (facts.parent === undefined) return "missing"
    return facts.parent === null ? null : resolve(facts.parent, index)
  })
  const isBegin = (index: number) => !byTime || entries[index]?.facts.isCompaction === true
  const apart = as.flatMap((link, index) =>
    link === "missing" || (link === null && !isBegin(index)) ? [index] : [],
  )
  const relinked = new Map<number, number | null>()
  const relink = byTime ? relinkerByTime(entries, as, relinked) : relinker(entries, as, relinked)
  for (const index of apart) relink(index)
  const broken = apart.filter((index) => as[index] === "missing" || relinked.get(index) !== null)
  const loops = findLoops(as).map((loop) => Math.min(...loop))
  for (const index of loops) relink(index)
  const outOfOrder = as.flatMap((link, index) =>
    typeof link === "number" && link > index && !relinked.has(index) ? [index] : [],
  )
  return { as, relinked, broken, loops, outOfOrder }
}

/** Of several records with one id the last one before it, else the first one behind it. */
function resolver(entries: readonly Entry[], copies: ReadonlySet<number>) {
  const places = new Map<string, number[]>()
  for (const [index, { facts }] of entries.entries()) {
    if (facts.id === null || copies.has(index)) continue
    const those = places.get(facts.id)
    if (those === undefined) places.set(facts.id, [index])
    else those.push(index)
  }
  return (id: string, from: number): Link => {
    const those = places.get(id)
    return those?.findLast((at) => at < from) ?? those?.[0] ?? "missing"
  }
}

/** Links a record to the nearest one before it that is in its chain and does not itself come from it; null: to none. */
function relinker(entries: readonly Entry[], as: readonly Link[], relinked: Map<number, number | null>) {
  const isOrdered = !as.some((link, index) => typeof link === "number" && link >= index)
  const comesFrom = follower(as, relinked)
  return (index: number) => {
    const chain = entries[index]?.facts.chain
    let near = index - 1
    while (near >= 0) {
      const isCandidate = as[near] !== undefined && entries[near]?.facts.chain === chain
      if (isCandidate && (isOrdered || !comesFrom(near, index))) break
      near--
    }
    relinked.set(index, near < 0 ? null : near)
  }
}

/** Whether a record comes from another one, as the links are by now. */
function follower(as: readonly Link[], relinked: ReadonlyMap<number, number | null>) {
  return (from: number, index: number): boolean => {
    const seen = new Set<number>()
    let at: Link = from
    while (typeof at === "number" && !seen.has(at)) {
      if (at === index) return true
      seen.add(at)
      at = relinked.has(at) ? relinked.get(at) : as[at]
    }
    return false
  }
}

/** Links a record to the newest one of its chain that is older and does not itself come from it; null: to none. */
function relinkerByTime(
  entries: readonly Entry[],
  as: readonly Link[],
  relinked: Map<number, number | null>,
) {
  const timeOf = (index: number) => entries[index]?.facts.time ?? Number.NaN
  const dated = [...entries.keys()].filter((index) => as[index] !== undefined && !Number.isNaN(timeOf(index)))
  const newest = dated.toSorted((one, other) => timeOf(other) - timeOf(one) || other - one)
  const comesFrom = follower(as, relinked)
  return (index: number) => {
    const chain = entries[index]?.facts.chain
    const isOlder = (one: number) =>
      timeOf(one) < timeOf(index) || (timeOf(one) === timeOf(index) && one < index)
    const near = newest.find(
      (one) => isOlder(one) && entries[one]?.facts.chain === chain && !comesFrom(one, index),
    )
    relinked.set(index, near ?? null)
  }
}

function findLoops(as: readonly Link[]): readonly (readonly number[])[] {
  const loops: number[][] = []
  const seenBy = new Map<number, number>()
  for (let start = 0; start < as.length; start++) {
    const walk: number[] = []
    let at: Link = start
    while (typeof at === "number" && !seenBy.has(at)) {
      seenBy.set(at, start)
      walk.push(at)
      at = as[at]
    }
    if (typeof at === "number" && seenBy.get(at) === start) loops.push(walk.slice(walk.indexOf(at)))
  }
  return loops
}

/** The records from the first to `leaf`, as a client walks them. It stops at a lost one, and at one it has seen. */
export function walkBack(leaf: number, links: Links, isRepaired: boolean): readonly number[] {
  const path: number[] = []
  const seen = new Set<number>()
  let at: Link = leaf
  while (typeof at === "number" && !seen.has(at)) {
    seen.add(at)
    path.push(at)
    const next: Link = links.as[at]
    at = isRepaired && links.relinked.has(at) ? links.relinked.get(at) : next
  }
  return path.toReversed()
}
