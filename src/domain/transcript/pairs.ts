import type { Entry } from "./entries.ts"

/** A record that is to stand before or behind another one, for what was lost. */
export interface Insertion {
  readonly kind: "lost-result" | "lost-call"
  readonly call: string
  readonly where: "before" | "behind"
  /** The position of the record beside it. */
  readonly near: number
}

/**
 * Calls without a result where the conversation went on, and results without a call, of the records on a path: an API
 * refuses both. A call at the end is a turn that was cut off, which every client goes on from.
 */
export function findUnpaired(entries: readonly Entry[], path: readonly number[]): readonly Insertion[] {
  const calls = new Set(entries.flatMap(({ facts }) => facts.calls))
  const results = new Set(entries.flatMap(({ facts }) => facts.results))
  const insertions: Insertion[] = []
  for (const [step, index] of path.entries()) {
    const facts = entries[index]?.facts
    if (facts === undefined) continue
    for (const call of new Set(facts.results)) {
      if (calls.has(call)) continue
      insertions.push({ kind: "lost-call", call, where: "before", near: index })
      calls.add(call) // a second result of it gets no second call
    }
    const lost = facts.calls.filter((call) => !results.has(call))
    if (lost.length === 0) continue
    const last = lastOfGroup(entries, path, step)
    if (!isFollowed(entries, path, last)) continue
    const near = path[last] ?? index
    for (const call of lost) insertions.push({ kind: "lost-result", call, where: "behind", near })
  }
  return insertions
}

/** The last step of the message that begins there: several records can be one answer of the model. */
function lastOfGroup(entries: readonly Entry[], path: readonly number[], step: number): number {
  const group = entries[path[step] ?? -1]?.facts.group ?? null
  let last = step
  for (let next = step + 1; next < path.length; next++) {
    const facts = entries[path[next] ?? -1]?.facts
    if (facts === undefined || (facts.speaker !== null && facts.group !== group) || group === null) break
    if (facts.speaker !== null) last = next
  }
  return last
}

function isFollowed(entries: readonly Entry[], path: readonly number[], step: number): boolean {
  return path.slice(step + 1).some((index) => entries[index]?.facts.speaker != null)
}
