import { describeDamages } from "./damages.ts"
import type { Entry, Reading } from "./entries.ts"
import { findLeaf } from "./leaf.ts"
import { readLinks, walkBack } from "./links.ts"
import { findUnpaired, type Insertion } from "./pairs.ts"
import { countReached, type Reach } from "./reach.ts"
import type { ClientReading, Damage, TranscriptRules } from "./rules.ts"
import { planOrder } from "./sequence.ts"

/** What is wrong with a transcript, and what makes it whole again. */
export interface Analysis {
  readonly reading: Reading
  readonly damages: readonly Damage[]
  readonly reach: Reach
  readonly changes: LineChanges
  /** Whether its client loses or refuses a part of it: otherwise a repair changes nothing. */
  readonly isNeeded: boolean
}

/** By the position of a record. */
export interface LineChanges {
  readonly links: ReadonlyMap<number, number | null>
  /** Records that get an id of their own, because another one has theirs. */
  readonly renamed: ReadonlySet<number>
  /** Second copies of a record. */
  readonly dropped: ReadonlySet<number>
  readonly insertions: readonly Insertion[]
  /** Records with parts that are refused. */
  readonly parts: ReadonlySet<number>
  /** Records whose bytes are not what an API takes: halves of characters, and bytes that are not UTF-8. */
  readonly cleaned: ReadonlySet<number>
  /** The records in the order they get. */
  readonly order: readonly number[]
  readonly path: readonly number[]
}

/** `isCopy`: whether two records with one id are the same, byte for byte. */
export function analyse(
  reading: Reading,
  rules: TranscriptRules,
  isCopy: (one: Entry, other: Entry) => boolean,
): Analysis {
  const { entries } = reading
  const { copies, renamed } = findDuplicates(entries, rules, isCopy)
  const links = readLinks(entries, copies)
  const all = [...entries.keys()].filter((index) => !copies.has(index))
  const leaf = rules.isChained ? findLeaf(entries, links, copies) : null
  const path = rules.isChained ? (leaf === null ? [] : walkBack(leaf, links, true)) : all
  const insertions = findUnpaired(entries, path)
  const { order, moved } = rules.isChained ? { order: all, moved: [] } : planOrder(entries, all)
  const dirty = entries.flatMap(({ loneSurrogates, isUtf8 }, index) =>
    loneSurrogates > 0 || (rules.needsUtf8 !== "nothing" && !isUtf8) ? [index] : [],
  )
  const parts = entries.flatMap(({ refused }, index) => (refused.length > 0 ? [index] : []))
  const changes: LineChanges = {
    links: rules.isChained ? links.relinked : new Map(),
    renamed,
    dropped: copies,
    insertions,
    parts: new Set(parts),
    cleaned: new Set(dirty),
    order,
    path,
  }
  const client = rules.reading(entries.findLast(({ facts }) => facts.version !== null)?.facts.version ?? null)
  const damages = describeDamages({ reading, rules, client, links, insertions, copies, renamed, moved })
  const reach = {
    messages: entries.filter(({ facts }, index) => facts.speaker !== null && !copies.has(index)).length,
    before: reachedBefore(
      { ...reading, entries: entries.filter((_, index) => !copies.has(index)) },
      rules,
      client,
    ),
    after: countReached(entries, path, copies),
  }
  return { reading, damages, reach, changes, isNeeded: damages.some(({ effect }) => effect !== "harmless") }
}

function findDuplicates(
  entries: readonly Entry[],
  { isChained }: TranscriptRules,
  isCopy: (one: Entry, other: Entry) => boolean,
) {
  const first = new Map<string, Entry>()
  const copies = new Set<number>()
  const renamed = new Set<number>()
  for (const [index, entry] of entries.entries()) {
    const { id } = entry.facts
    if (id === null) continue
    const other = first.get(id)
    if (other === undefined) first.set(id, entry)
    else if (isCopy(other, entry)) copies.add(index)
    else if (isChained) renamed.add(index)
  }
  return { copies, renamed }
}

/** The messages that the client gets to in the file as it is. */
function reachedBefore({ entries, gaps }: Reading, rules: TranscriptRules, client: ClientReading): number {
  const hidden = findHidden(entries)
  const end = client.stopsAtBroken ? firstBroken({ entries, gaps }) : Number.POSITIVE_INFINITY
  const seen = entries.filter(
    (entry) =>
      !hidden.has(entry) &&
      entry.offset < end &&
      (rules.needsUtf8 !== "record" || entry.isUtf8) &&
      (entry.isAlone || (client.readsGlued && entry.followsRecords)),
  )
  const isNullRead = client.readsNull || !gaps.some(({ kind }) => kind === "null-line")
  if (!isNullRead) return 0
  if (!rules.isChained) {
    const isRefused = rules.needsUtf8 === "file" && seen.some(({ isUtf8 }) => !isUtf8)
    return isRefused || seen[0]?.isHead === false ? 0 : countReached(seen, [...seen.keys()])
  }
  const links = readLinks(seen, new Set())
  const leaf = findLeaf(seen, links, new Set())
  return leaf === null ? 0 : countReached(seen, walkBack(leaf, links, client.bridges))
}

/** Records that a later one with the same id takes the place of (2.0.60 to 2.1.332, observed). */
function findHidden(entries: readonly Entry[]): ReadonlySet<Entry> {
  const last = new Map<string, Entry>()
  const hidden = new Set<Entry>()
  for (const entry of entries) {
    const { id } = entry.facts
    const before = id === null ? undefined : last.get(id)
    if (before !== undefined) hidden.add(before)
    if (id !== null) last.set(id, entry)
  }
  return hidden
}

/** Where the first line begins that cannot be parsed. */
function firstBroken({ entries, gaps }: Reading): number {
  const glued = entries.filter(({ isAlone }) => !isAlone).map(({ offset }) => offset)
  const broken = gaps.filter(({ isJson }) => !isJson).map(({ offset }) => offset)
  return [...glued, ...broken].reduce((first, offset) => Math.min(first, offset), Number.POSITIVE_INFINITY)
}
