/** The greatest of any number of values; null for none. Spread into `Math.max`, some hundred thousand overflow the stack. */
export function greatest(values: Iterable<number>): number | null {
  let best: number | null = null
  for (const value of values) if (best === null || value > best) best = value
  return best
}

/** The least of any number of values; null for none. */
export function least(values: Iterable<number>): number | null {
  let best: number | null = null
  for (const value of values) if (best === null || value < best) best = value
  return best
}
