import { describeDamages, isFound } from "./damages.ts"
import type { Entry, Reading } from "./entries.ts"
import { findLeaf } from "./leaf.ts"
import { type Links, readLinks, walkBack } from "./links.ts"
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
  /** The records in the order they get, and those that are moved for it. */
  readonly order: readonly number[]
  readonly moved: readonly number[]
  readonly path: readonly number[]
}

/** `isCopy`: whether two records with one id are the same, byte for byte. */
export function analyse(reading: Reading, rules: TranscriptRules, isCopy: IsCopy): Analysis {
  const duplicates = findDuplicates(reading.entries, rules, isCopy)
  const first = analyseWith(reading, rules, duplicates)
  if (first.reach.after >= first.reach.before || isTooLong(first)) return first
  // the place of a record in the file says nothing of what it follows: its time does
  const byTime = analyseWith(reading, rules, { ...duplicates, byTime: true })
  return byTime.reach.after > first.reach.after ? byTime : first
}

const maxComparisons = 2e8

function isTooLong({ reading: { entries }, changes: { links } }: Analysis): boolean {
  return entries.length * (links.size + 1) > maxComparisons
}

type IsCopy = (one: Entry, other: Entry) => boolean

interface Duplicates {
  /** Second copies of a record. */
  readonly copies: ReadonlySet<number>
  readonly renamed: ReadonlySet<number>
}

function analyseWith(
  reading: Reading,
  rules: TranscriptRules,
  { copies, renamed, byTime = false }: Duplicates & { readonly byTime?: boolean },
): Analysis {
  const { entries } = reading
  const links = readLinks(entries, copies, byTime)
  const all = [...entries.keys()].filter((index) => !copies.has(index))
  const leaf = rules.isChained ? findLeaf(entries, links, copies) : null
  const isLeft = rules.endsAtLastLine === true && leaf !== null && !isReachedFromEnd(leaf, links)
  const path = rules.isChained ? (leaf === null ? [] : walkBack(leaf, links, true)) : all
  const insertions = findUnpaired(entries, path)
  const { order, moved } = !rules.isChained
    ? planOrder(entries, all)
    : isLeft
      ? { order: [...all.filter((index) => index !== leaf), leaf], moved: [leaf] }
      : { order: all, moved: [] }
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
    moved,
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

/** Whether a client that goes on with the last record of the file comes past that one. */
function isReachedFromEnd(leaf: number, links: Links): boolean {
  const last = lastInChain(links)
  return last === null || walkBack(last, links, true).includes(leaf)
}

function lastInChain({ as }: Links): number | null {
  const last = as.findLastIndex((link) => link !== undefined)
  return last === -1 ? null : last
}

function findDuplicates(
  entries: readonly Entry[],
  { isChained, joinsPieces }: TranscriptRules,
  isCopy: IsCopy,
): Duplicates {
  const first = new Map<string, Entry>()
  const copies = new Set<number>()
  const renamed = new Set<number>()
  for (const [index, entry] of entries.entries()) {
    const { id } = entry.facts
    if (id === null) continue
    const other = first.get(id)
    if (other === undefined) first.set(id, entry)
    else if (isCopy(other, entry)) copies.add(index)
    else if (isChained && !(joinsPieces === true && isPiece(other, entry))) renamed.add(index)
  }
  return { copies, renamed }
}

function isPiece(one: Entry, other: Entry): boolean {
  return one.facts.parent === other.facts.parent && one.facts.speaker === other.facts.speaker
}

/** The messages that the client gets to in the file as it is. */
function reachedBefore({ entries, gaps }: Reading, rules: TranscriptRules, client: ClientReading): number {
  const isHiding = rules.isChained && rules.joinsPieces !== true
  const hidden = isHiding ? findHidden(entries) : new Set<Entry>()
  const end = client.stopsAtBroken ? firstBroken({ entries, gaps }) : Number.POSITIVE_INFINITY
  const seen = entries.filter(
    (entry) =>
      !hidden.has(entry) &&
      entry.offset < end &&
      (rules.needsUtf8 !== "record" || entry.isUtf8) &&
      isFound(entry, client),
  )
  const isNullRead = client.readsNull || !gaps.some(({ kind }) => kind === "null-line")
  if (!isNullRead) return 0
  if (!rules.isChained) {
    const isRefused = rules.needsUtf8 === "file" && seen.some(({ isUtf8 }) => !isUtf8)
    return isRefused || seen[0]?.isHead === false ? 0 : countReached(seen, [...seen.keys()])
  }
  const joined = rules.joinsPieces === true ? joinPieces(seen) : seen
  const links = readLinks(joined, new Set())
  const leaf = rules.endsAtLastLine === true ? lastInChain(links) : findLeaf(joined, links, new Set())
  return leaf === null ? 0 : countReached(joined, walkBack(leaf, links, client.bridges))
}

/** Each further record with an id that there was is a piece of that message, and no record of its own. */
function joinPieces(entries: readonly Entry[]): readonly Entry[] {
  const seen = new Set<string>()
  return entries.map((entry) => {
    const { id } = entry.facts
    if (id === null || !seen.has(id)) {
      if (id !== null) seen.add(id)
      return entry
    }
    return { ...entry, facts: { ...entry.facts, id: null, parent: undefined } }
  })
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
