/** What two transcripts say differently, in records. */
import { type Entry, parseRecord, readEntries } from "../../domain/transcript/entries.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { Subject } from "../repair/subject.ts"

export interface DiffItem {
  readonly id: string | null
  readonly speaker: "user" | "assistant" | null
  /** The type of a record that nobody said. */
  readonly type: string
  /** Milliseconds since 1970. */
  readonly time: number | null
  /** The beginning of what it says. */
  readonly text: string
}

export interface DiffReport {
  readonly one: DiffSide
  readonly other: DiffSide
  readonly same: number
  /** In both, by their id, and different. */
  readonly changed: readonly { readonly one: DiffItem; readonly other: DiffItem }[]
  /** Records that both have, in another order. */
  readonly moved: number
}

interface DiffSide {
  readonly path: string
  readonly records: number
  readonly only: readonly DiffItem[]
  /** Stretches of it that are no record. */
  readonly unread: number
}

interface Side {
  readonly subject: Subject
  readonly entries: readonly Entry[]
  readonly unread: number
  /** The digest of each record, and by what it is found in the other. */
  readonly digests: readonly string[]
  readonly keys: readonly string[]
}

export function diffTranscripts(a: Subject, b: Subject): DiffReport {
  const [one, other] = [readSide(a), readSide(b)]
  const there = new Map(other.keys.map((key, index) => [key, index] as const))
  const pairs = one.keys.flatMap((key, index) => {
    const match = there.get(key)
    return match === undefined ? [] : [[index, match] as const]
  })
  const isChanged = ([index, match]: readonly [number, number]) => one.digests[index] !== other.digests[match]
  const inOne = new Set(pairs.map(([index]) => index))
  const inOther = new Set(pairs.map(([, match]) => match))
  const changed = pairs.filter(isChanged)
  return {
    one: describeSide(one, inOne),
    other: describeSide(other, inOther),
    same: pairs.length - changed.length,
    changed: changed.map(([index, match]) => ({
      one: describeItem(one, index),
      other: describeItem(other, match),
    })),
    moved: countMoved(pairs.map(([, match]) => match)),
  }
}

function readSide(subject: Subject): Side {
  const { file, rules, others } = subject
  const { entries, gaps } = readEntries(file, rules, others)
  const digests = entries.map(({ offset, length }) =>
    new Bun.CryptoHasher("sha256").update(file.read(offset, length)).digest("base64"),
  )
  const seen = new Map<string, number>()
  const keys = entries.map(({ facts }, index) => {
    const key = facts.id === null ? `is ${digests[index]}` : `id ${facts.id}`
    const times = (seen.get(key) ?? 0) + 1
    seen.set(key, times)
    return times === 1 ? key : `${key} ${times}`
  })
  return { subject, entries, unread: gaps.length, digests, keys }
}

function describeSide(side: Side, matched: ReadonlySet<number>): DiffSide {
  const only = [...side.entries.keys()].filter((index) => !matched.has(index))
  const { subject, entries, unread } = side
  return {
    path: subject.path,
    records: entries.length,
    unread,
    only: only.map((index) => describeItem(side, index)),
  }
}

const maxTextLength = 200

function describeItem({ subject, entries }: Side, index: number): DiffItem {
  const { file, path, session } = subject
  const entry = entries[index]
  const value = entry === undefined ? {} : (parseRecord(file.read(entry.offset, entry.length)) ?? {})
  const read = builtInDetectPlugins().find(({ agent }) => agent === session.agent)?.readRecord
  const parts = [read?.(value, path) ?? []].flat().flatMap((said) => said.parts)
  const text = parts.find((part) => part.text !== "")?.text ?? ""
  const { facts } = entry ?? {}
  return {
    id: facts?.id ?? null,
    speaker: facts?.speaker ?? null,
    type: String(value.type ?? "unknown"),
    time: facts?.time ?? null,
    text: text.slice(0, maxTextLength),
  }
}

/** Records that stand before one that they followed: what is not in the longest rising run. */
function countMoved(places: readonly number[]): number {
  const ends: number[] = []
  for (const place of places) {
    let [low, high] = [0, ends.length]
    while (low < high) {
      const middle = (low + high) >> 1
      if ((ends[middle] ?? 0) < place) low = middle + 1
      else high = middle
    }
    ends[low] = place
  }
  return places.length - ends.length
}
