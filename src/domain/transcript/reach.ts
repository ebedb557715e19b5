import type { Entry } from "./entries.ts"

/** How much of a conversation its client shows and sends. */
export interface Reach {
  /** Messages that can be read, each once. */
  readonly messages: number
  /** Of these, the ones its client gets to, as the file is and once it is repaired. */
  readonly before: number
  readonly after: number
}

/** The messages on a path, and those beside it that belong to one on it: results and pieces of the same answer. */
export function countReached(
  entries: readonly Entry[],
  path: readonly number[],
  copies: ReadonlySet<number> = new Set(),
): number {
  const on = new Set(path)
  const calls = new Set<string>()
  const groups = new Set<string>()
  for (const index of path) {
    const facts = entries[index]?.facts
    for (const call of facts?.calls ?? []) calls.add(call)
    if (facts?.group != null) groups.add(facts.group)
  }
  const isBeside = ({ results, group }: Entry["facts"]) =>
    results.some((call) => calls.has(call)) || (group !== null && groups.has(group))
  return entries.filter(
    ({ facts }, index) => facts.speaker !== null && !copies.has(index) && (on.has(index) || isBeside(facts)),
  ).length
}
