import type { ProcessEntry } from "../system/process/processes.ts"
import type { Context } from "./context.ts"

/** Calls `read` once per scan and returns the cached value afterwards. */
export function remembered<T>({ cache }: Pick<Context, "cache">, key: symbol, read: () => T): T {
  if (!cache.has(key)) cache.set(key, read())
  return cache.get(key) as T
}

const listKey = Symbol("the processes of this machine")

/** The running processes, listed once per scan for all plugins in it. */
export function listProcesses(ctx: Pick<Context, "cache" | "processes">): Promise<readonly ProcessEntry[]> {
  return remembered(ctx, listKey, () => ctx.processes.list())
}
