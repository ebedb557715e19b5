import type { Context } from "../sdk/context.ts"

/** A context that remembers nothing of earlier looks: what it is asked about is read again, as it is now. */
export function freshLook<C extends Context>(ctx: C): C {
  return { ...ctx, now: Date.now(), cache: new Map() }
}
