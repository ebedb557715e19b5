import { type TokenCounts, type TokenUse, totalTokens } from "./token-counts.ts"

/** What a million tokens of a model cost, in any currency. */
export type ModelPrices = TokenCounts

/** From the config file, by model. */
export type Prices = ReadonlyMap<string, ModelPrices>

const perTokens = 1_000_000

/** A price holds for the model named, also where the records add a date to its name: `claude-opus-4-5-20251101`. */
function pricesOf(model: string, prices: Prices): ModelPrices | null {
  return prices.get(model) ?? prices.get(model.replace(/[-@]\d{8}$/, "")) ?? null
}

/** null when the model has no prices and tokens were used. */
export function costOf(use: TokenUse, model: string, prices: Prices): number | null {
  if (totalTokens(use) === 0) return 0
  const price = pricesOf(model, prices)
  if (price === null) return null
  const { input, cacheWrite, cacheRead, output } = use
  const sum =
    input * price.input + cacheWrite * price.cacheWrite + cacheRead * price.cacheRead + output * price.output
  return sum / perTokens
}
