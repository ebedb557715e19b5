import type { Context } from "../sdk/context.ts"

/** A context without cached results of earlier reads: everything is read again. */
export function freshContext<C extends Context>(ctx: C): C {
  return { ...ctx, now: Date.now(), cache: new Map() }
}
