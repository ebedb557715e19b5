import type { Entry } from "./entries.ts"

/** Where the order of the lines is the conversation: a result that stands before its call goes behind it. */
export function planOrder(
  entries: readonly Entry[],
  kept: readonly number[],
): { readonly order: readonly number[]; readonly moved: readonly number[] } {
  const head = kept.find((index) => entries[index]?.isHead === true)
  const isHeadLate = head !== undefined && entries[kept[0] ?? 0]?.isHead === false
  const sequence = isHeadLate ? [head, ...kept.filter((index) => index !== head)] : kept
  const called = new Set<string>()
  const all = new Set(sequence.flatMap((index) => entries[index]?.facts.calls ?? []))
  const waiting = new Map<string, number[]>()
  const order: number[] = []
  const moved: number[] = isHeadLate ? [head] : []
  for (const index of sequence) {
    const { calls = [], results = [] } = entries[index]?.facts ?? {}
    const early = results.find((call) => all.has(call) && !called.has(call))
    if (early !== undefined) {
      waiting.set(early, [...(waiting.get(early) ?? []), index])
      moved.push(index)
      continue
    }
    order.push(index)
    for (const call of calls) {
      called.add(call)
      order.push(...(waiting.get(call) ?? []))
      waiting.delete(call)
    }
  }
  return { order: [...order, ...[...waiting.values()].flat()], moved }
}
