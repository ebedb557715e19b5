import { costOf, type Prices } from "../../domain/usage/prices.ts"
import { addTokens, noTokens, type TokenUse, totalTokens } from "../../domain/usage/token-counts.ts"
import type { UsageBucket } from "./usage-tally.ts"

/** The sum of some answers. */
export interface UsageSum {
  readonly use: TokenUse
  /** By the prices of the config file; null when it has none for any of the models. */
  readonly cost: number | null
  /** A part of it has no price and is not in `cost`. */
  readonly isPartlyPriced: boolean
}

export interface UsageRow<Key> extends UsageSum {
  /** null: unknown. */
  readonly key: Key
}

export function sumUsage(buckets: readonly UsageBucket[], prices: Prices): UsageSum {
  let use: TokenUse = noTokens
  let cost: number | null = null
  let isUnpriced = false
  for (const bucket of buckets) {
    use = addTokens(use, bucket)
    const its = costOf(bucket, bucket.model ?? "", prices)
    if (its === null) isUnpriced = true
    else cost = (cost ?? 0) + its
  }
  return { use, cost, isPartlyPriced: cost !== null && isUnpriced }
}

/** One row for each key, most tokens first. */
export function usageBy<Key>(
  buckets: readonly UsageBucket[],
  keyOf: (bucket: UsageBucket) => Key,
  prices: Prices,
): readonly UsageRow<Key>[] {
  return [...Map.groupBy(buckets, keyOf)]
    .map(([key, some]) => ({ key, ...sumUsage(some, prices) }))
    .sort((a, b) => totalTokens(b.use) - totalTokens(a.use))
}

/** Models that tokens were used with and that have no price. */
export function unpricedModels(buckets: readonly UsageBucket[], prices: Prices): readonly (string | null)[] {
  const without = buckets.filter((bucket) => costOf(bucket, bucket.model ?? "", prices) === null)
  return [...new Set(without.map(({ model }) => model))]
}
