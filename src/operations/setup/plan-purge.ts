import { detectAll } from "../../pipeline/detect.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { Paths } from "../../system/config/paths.ts"
import { type CatalogEntry, selectExports } from "../exports/select.ts"

/** What a purge would take for good. */
export interface PurgePlan {
  readonly exports: readonly Extract<CatalogEntry, { kind: "export" }>[]
  readonly bytes: number
  /** Those whose session is in no client's home any more: nothing else is left of it. */
  readonly onlyCopies: number
  /** Files there that are not exports of ours: they are kept. */
  readonly others: number
}

export async function planPurge(paths: Paths, ctx: RunContext): Promise<PurgePlan> {
  const all = selectExports([], paths)
  const exports = all.flatMap((entry) => (entry.kind === "export" ? [entry] : []))
  const alive = new Set((await detectAll(ctx, null)).flatMap((session) => session.id ?? []))
  const sizes = exports.flatMap(({ saved }) => saved.archive?.stored ?? saved.manifest.files)
  return {
    exports,
    bytes: sizes.reduce((sum, file) => sum + file.length, 0),
    onlyCopies: exports.filter(({ id }) => !alive.has(id)).length,
    others: all.length - exports.length,
  }
}
