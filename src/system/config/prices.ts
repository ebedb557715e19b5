import * as v from "valibot"
import type { ModelPrices, Prices } from "../../domain/usage/prices.ts"

const amount = v.pipe(
  v.number("each price must be a number: what a million tokens cost"),
  v.minValue(0, "a price cannot be negative"),
  v.finite("a price must be finite"),
)
const section = v.strictObject(
  { input: amount, output: amount, cache_read: amount, cache_write: amount },
  "it must have input, output, cache_read and cache_write, and nothing else",
)

/** Reads the `prices` table, by model. Invalid sections are reported through `warn` (after the config file's path) and ignored. */
export function readPrices(
  table: Readonly<Record<string, unknown>>,
  warn: (message: string) => void,
): Prices {
  const prices = new Map<string, ModelPrices>()
  for (const [model, value] of Object.entries(table)) {
    const result = v.safeParse(section, value)
    if (!result.success) {
      warn(`"prices.${JSON.stringify(model)}" was left out: ${result.issues[0].message}`)
      continue
    }
    const { input, output, cache_read: cacheRead, cache_write: cacheWrite } = result.output
    prices.set(model, { input, output, cacheRead, cacheWrite })
  }
  return prices
}
