import type { Context } from "./context.ts"

/** Reads something once in a look, and answers what was read then whenever it is asked for again. */
export function remembered<T>({ cache }: Pick<Context, "cache">, key: symbol, read: () => T): T {
  if (!cache.has(key)) cache.set(key, read())
  return cache.get(key) as T
}
