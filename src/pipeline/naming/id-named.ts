import { parseIdPrefix } from "../../domain/session/session-id.ts"
import { readCatalog } from "../../rescue/catalog/catalog.ts"
import type { Paths } from "../../system/config/paths.ts"
import { detectAll } from "../detect.ts"
import type { RunContext } from "../run-context.ts"
import { ambiguous } from "./ambiguous.ts"
import { exportsCalled } from "./called-exports.ts"
import { findNamed } from "./find-named.ts"
import { sayBy } from "./say-by.ts"

/**
 * The id of the session that a name means, whether it lies in a home or in an export: for commands that only read. What
 * looks like an id, and what nothing goes by, comes back as it is.
 */
export async function idNamed(name: string, verb: string, paths: Paths, ctx: RunContext): Promise<string> {
  if (parseIdPrefix(name) !== null && !/^[0-9]+$/.test(name)) return name
  const found = await detectAll(ctx, null)
  const { fits } = await findNamed(name, found, ctx)
  const [first] = fits
  const ids = new Set(fits.map(({ session }) => session.id))
  if (ids.size > 1) {
    const sessions = fits.map(({ session }) => session)
    throw await ambiguous(name, sessions, verb, ctx)
  }
  const id = first?.session.id ?? null
  if (first !== undefined && id !== null) {
    if (!["id", "terminal", "pid", "transcript"].includes(first.by.kind))
      ctx.warn(`"${name}" is taken for ${id}: ${sayBy(first)}`)
    return id
  }
  const [saved] = exportsCalled(name, readCatalog(paths.pending, paths.archive), paths, { verb })
  return saved?.id ?? name
}
