import { type Entry, parseRecord } from "./entries.ts"
import { editJson } from "./json-scan.ts"
import { readLinks, walkBack } from "./links.ts"
import type { ByteSource, TranscriptRules } from "./rules.ts"

/** The last compaction; null when there was none. */
export function findCompaction(entries: readonly Entry[]): number | null {
  const at = entries.findLastIndex(({ facts }) => facts.isCompaction)
  return at === -1 ? null : at
}

/** The records of a conversation that ends before the one at `cut`: by position, in the order of the file. */
export function recordsBefore(
  entries: readonly Entry[],
  cut: number,
  rules: TranscriptRules,
): readonly number[] {
  const before = [...entries.keys()].slice(0, cut)
  if (!rules.isChained) return before
  const links = readLinks(entries, new Set())
  const walked = walkBack(cut, links, true).filter((index) => index !== cut)
  // a compaction begins a chain of its own: what came before it is the chain of the record before it
  const last = entries.findLastIndex(
    ({ facts }, index) => index < cut && facts.speaker !== null && facts.chain === "",
  )
  const path = new Set(walked.length > 0 || last === -1 ? walked : walkBack(last, links, true))
  const calls = new Set([...path].flatMap((index) => entries[index]?.facts.calls ?? []))
  const groups = new Set([...path].flatMap((index) => entries[index]?.facts.group ?? []))
  return before.filter((index) => {
    const facts = entries[index]?.facts
    if (facts === undefined || facts.parent === undefined || facts.chain !== "" || path.has(index))
      return facts !== undefined
    return facts.results.some((call) => calls.has(call)) || (facts.group !== null && groups.has(facts.group))
  })
}

/** These records, as lines of another session. */
export function* linesFor(
  source: ByteSource,
  entries: readonly Entry[],
  kept: readonly number[],
  { rules, id }: { readonly rules: TranscriptRules; readonly id: string },
): Generator<Uint8Array> {
  for (const index of kept) {
    const entry = entries[index]
    if (entry === undefined) continue
    const bytes = source.read(entry.offset, entry.length)
    const edits = rules.renamed(parseRecord(bytes) ?? {}, id)
    yield Buffer.concat([editJson(bytes, edits) ?? bytes, newline])
  }
}

const newline = new Uint8Array([0x0a])
