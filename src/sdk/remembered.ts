import type { Context } from "./context.ts"

/** Calls `read` once per scan and returns the cached value afterwards. */
export function remembered<T>({ cache }: Pick<Context, "cache">, key: symbol, read: () => T): T {
  if (!cache.has(key)) cache.set(key, read())
  return cache.get(key) as T
}
