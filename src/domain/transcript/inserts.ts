import type { LineChanges } from "./analyse.ts"
import type { Entry } from "./entries.ts"
import type { JsonRecord, TranscriptRules } from "./rules.ts"

/** The records that are added, and what that changes in the ones that are there. */
export interface Inserts {
  readonly renewed: ReadonlyMap<number, string>
  /** The parent that a record gets, where it is another one. */
  readonly parents: ReadonlyMap<number, string | null>
  before(index: number): readonly JsonRecord[]
  behind(index: number): readonly JsonRecord[]
}

interface Making {
  readonly rules: TranscriptRules
  newId(): string
  recordAt(entry: Entry): JsonRecord
}

export function planInserts(
  entries: readonly Entry[],
  changes: LineChanges,
  { rules, newId, recordAt }: Making,
): Inserts {
  const renewed = new Map([...changes.renamed].map((index) => [index, newId()] as const))
  const idOf = (index: number | null) =>
    index === null ? null : (renewed.get(index) ?? entries[index]?.facts.id ?? null)
  const parents = new Map<number, string | null>()
  for (const [index, link] of changes.links) parents.set(index, idOf(link))
  if (renewed.size > 0) followRenewed(entries, renewed, parents)
  const before = new Map<number, JsonRecord[]>()
  const behind = new Map<number, JsonRecord[]>()
  const insertions = Map.groupBy(changes.insertions, ({ near }) => near)
  let handedOn: string | null | undefined // the parent that the next record on the path gets
  for (const index of insertions.size === 0 ? [] : changes.path) {
    const entry = entries[index]
    if (entry === undefined) continue
    if (handedOn !== undefined) parents.set(index, handedOn)
    handedOn = undefined
    for (const { kind, call } of insertions.get(index) ?? []) {
      const id = newId()
      const isBefore = kind === "lost-call"
      const make = isBefore ? rules.lostCall : rules.lostResult
      const current = parents.has(index) ? (parents.get(index) ?? null) : (entry.facts.parent ?? null)
      const parent = isBefore ? current : (handedOn ?? idOf(index))
      const made = make(call, recordAt(entry), id)
      const linked = rules.isChained ? { ...made, [rules.parentKey]: parent } : made
      const list = isBefore ? before : behind
      list.set(index, [...(list.get(index) ?? []), linked])
      if (isBefore && rules.isChained) parents.set(index, id)
      else if (rules.isChained) handedOn = id
    }
  }
  if (rules.joinsPieces === true) followFirst(entries, changes, parents)
  return {
    renewed,
    parents,
    before: (index) => before.get(index) ?? [],
    behind: (index) => behind.get(index) ?? [],
  }
}

/** Pieces of one message stay so: each follows what the first one follows. */
function followFirst(
  entries: readonly Entry[],
  { renamed, dropped }: LineChanges,
  parents: Map<number, string | null>,
): void {
  const first = new Map<string, number>()
  for (const [index, { facts }] of entries.entries()) {
    if (facts.id === null || renamed.has(index) || dropped.has(index)) continue
    const one = first.get(facts.id)
    if (one === undefined) first.set(facts.id, index)
    else if (parents.has(one)) parents.set(index, parents.get(one) ?? null)
    else parents.delete(index)
  }
}

/** Records that follow one with a new id name it from now on. */
function followRenewed(
  entries: readonly Entry[],
  renewed: ReadonlyMap<number, string>,
  parents: Map<number, string | null>,
): void {
  const latest = new Map<string, string>()
  for (const [index, { facts }] of entries.entries()) {
    const now = facts.parent == null ? undefined : latest.get(facts.parent)
    if (now !== undefined && !parents.has(index)) parents.set(index, now)
    const id = renewed.get(index)
    if (id !== undefined && facts.id !== null) latest.set(facts.id, id)
  }
}
