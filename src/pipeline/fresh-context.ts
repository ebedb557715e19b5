import { readEverySaved } from "../rescue/catalog/every-agent.ts"
import type { Context } from "../sdk/context.ts"
import type { Paths } from "../system/config/paths.ts"
import { sharedDelay } from "../system/runtime/shared-delay.ts"

/** A context without cached results of earlier reads: everything is read again. */
export function freshContext<C extends Context>(ctx: C): C {
  return { ...ctx, now: Date.now(), cache: new Map() }
}

/** As `freshContext`, for a look a while later: exports are listed again, and second samples are taken again. */
export function laterLook<C extends Context>(ctx: C, paths: Paths): C {
  let saved: ReturnType<typeof readEverySaved> | null = null
  return {
    ...freshContext(ctx),
    savedExports(id) {
      saved ??= readEverySaved(paths)
      return saved.of(id)
    },
    resample: sharedDelay(200),
    resampleLater: sharedDelay(2000),
  }
}
