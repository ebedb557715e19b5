import { readSavedExports } from "../rescue/catalog/saved-exports.ts"
import type { Context } from "../sdk/context.ts"
import type { Paths } from "../system/config/paths.ts"
import { sharedDelay } from "../system/runtime/shared-delay.ts"

/** A context without cached results of earlier reads: everything is read again. */
export function freshContext<C extends Context>(ctx: C): C {
  return { ...ctx, now: Date.now(), cache: new Map() }
}

/** As `freshContext`, for a look a while later: exports are listed again, and second samples are taken again. */
export function laterLook<C extends Context>(ctx: C, paths: Pick<Paths, "pending" | "archive">): C {
  let saved: ReturnType<typeof readSavedExports> | null = null
  return {
    ...freshContext(ctx),
    savedExports(id) {
      saved ??= readSavedExports(paths.pending, paths.archive)
      return saved.of(id)
    },
    resample: sharedDelay(200),
    resampleLater: sharedDelay(2000),
  }
}
