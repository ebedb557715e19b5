import type { Entry } from "./entries.ts"
import type { Links } from "./links.ts"

/**
 * The message with which a client goes on. Of several branches that is the one with the newest message (2.0.60, observed);
 * from 2.1.197 on (to 2.1.332, observed) the one that holds the record which the client noted last as its end.
 */
export function findLeaf(
  entries: readonly Entry[],
  links: Links,
  copies: ReadonlySet<number>,
): number | null {
  const ends = endsOf(entries, links, copies)
  const noted = entries.findLast(({ facts }) => facts.leaf !== null)?.facts.leaf ?? null
  const at =
    noted === null ? -1 : entries.findIndex(({ facts }, index) => facts.id === noted && !copies.has(index))
  const behind = at === -1 ? [] : ends.filter((end) => comesFrom(end, at, links))
  const among = behind.length > 0 ? behind : ends
  let newest: number | null = null
  for (const index of among)
    if (newest === null || timeOf(entries, index) >= timeOf(entries, newest)) newest = index
  return newest
}

/** Messages that no other message follows; where all are in loops, the last one. */
function endsOf(entries: readonly Entry[], links: Links, copies: ReadonlySet<number>): readonly number[] {
  const isSpoken = (index: number) => {
    const facts = entries[index]?.facts
    return facts !== undefined && facts.speaker !== null && facts.chain === "" && !copies.has(index)
  }
  const spoken = [...entries.keys()].filter(isSpoken)
  const followed = new Set<number>()
  for (const index of spoken) {
    const seen = new Set([index])
    let at = nextOf(index, links)
    while (at !== null && !seen.has(at) && !isSpoken(at)) {
      seen.add(at)
      at = nextOf(at, links)
    }
    if (at !== null && at !== index) followed.add(at)
  }
  const ends = spoken.filter((index) => !followed.has(index))
  return ends.length > 0 ? ends : spoken.slice(-1)
}

function nextOf(index: number, { as, relinked }: Links): number | null {
  const link = relinked.has(index) ? relinked.get(index) : as[index]
  return typeof link === "number" ? link : null
}

function comesFrom(end: number, wanted: number, links: Links): boolean {
  const seen = new Set<number>()
  for (let at: number | null = end; at !== null && !seen.has(at); at = nextOf(at, links)) {
    if (at === wanted) return true
    seen.add(at)
  }
  return false
}

function timeOf(entries: readonly Entry[], index: number): number {
  return entries[index]?.facts.time ?? 0
}
