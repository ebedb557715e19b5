import { isUuidPrefix } from "../../domain/session/session-id.ts"
import { readWholeCatalog } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import { detectAll } from "../detect.ts"
import type { RunContext } from "../run-context.ts"
import { ambiguousSession } from "./ambiguous.ts"
import { describeMatch } from "./describe-match.ts"
import { findNamed } from "./find-named.ts"
import { findExportsByName } from "./match-exports.ts"

/**
 * Resolves a name to the id of a session in a home or in an export, for read-only commands. An id, and a name
 * that matches nothing, is returned unchanged.
 */
export async function resolveId(name: string, verb: string, paths: Paths, ctx: RunContext): Promise<string> {
  if (isUuidPrefix(name) && !/^[0-9]+$/.test(name)) return name
  const found = await detectAll(ctx, null)
  const { matches } = await findNamed(name, found, ctx)
  const [first] = matches
  const ids = new Set(matches.map(({ session }) => session.id))
  if (ids.size > 1) {
    const sessions = matches.map(({ session }) => session)
    throw await ambiguousSession(name, sessions, verb, ctx)
  }
  const id = first?.session.id ?? null
  if (first !== undefined && id !== null) {
    if (!["id", "terminal", "pid", "transcript"].includes(first.name.kind))
      ctx.warn(`"${name}" resolved to ${id}: ${describeMatch(first)}`)
    return id
  }
  const [saved] = findExportsByName(name, readWholeCatalog(paths), paths, { verb })
  return saved?.id ?? name
}
