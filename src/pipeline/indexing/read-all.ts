import type { ProgressReporter } from "../../domain/progress.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { RunContext } from "../run-context.ts"
import { catchUp } from "./catch-up.ts"
import { openIngest } from "./index-work.ts"

interface ReadAllOptions {
  readonly paths: Paths
  readonly reporter: ProgressReporter
}

/** Reads everything into the index: saved exports and the clients' homes. Returns whether it finished. */
export async function readAll({ paths, reporter }: ReadAllOptions, ctx: RunContext): Promise<boolean> {
  const { signal } = ctx
  const index = openIngest(paths.data, ctx.warn)
  try {
    const reach = { paths, reporter, signal, names: null, files: [], agent: null, project: null }
    await catchUp(index, { ...reach, live: true, rebuild: false }, ctx, new Set())
    if (!signal.aborted) index.settle(paths)
    return !signal.aborted
  } finally {
    index.close()
  }
}
