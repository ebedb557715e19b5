import { basename } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { parseExportName } from "../../domain/export/export.ts"
import { beginsWith, parseIdPrefix, sessionIdIn } from "../../domain/session/session-id.ts"
import { readCatalog } from "../../rescue/catalog/catalog.ts"
import type { Paths } from "../../system/config/paths.ts"
import { exportsCalled } from "../naming/called-exports.ts"
import type { Waiting } from "./queue.ts"

/**
 * Throws `EXPORT_NOT_FOUND` for a name that nothing pending has: an export's, a file's, the beginning of an id, or what
 * its session is called. `verb`: the command that asks.
 */
export function selectWaiting(
  waiting: readonly Waiting[],
  names: readonly string[],
  paths: Paths,
  verb: string,
): readonly Waiting[] {
  const chosen = new Set<Waiting>()
  for (const name of names) {
    const exact = waiting.filter((each) => isNamed(each, name))
    const fits = exact.length > 0 ? exact : called(name, waiting, paths, verb)
    if (fits.length === 0) {
      const hint = "see what is pending: session-rescue queue"
      throw new RescueError("EXPORT_NOT_FOUND", `nothing pending is called "${name}"`, hint)
    }
    for (const each of fits) chosen.add(each)
  }
  return waiting.filter((each) => chosen.has(each))
}

function called(name: string, waiting: readonly Waiting[], paths: Paths, verb: string): readonly Waiting[] {
  const found = exportsCalled(name, readCatalog(paths.pending, paths.archive), paths, { verb })
  const places = new Set(found.filter(({ place }) => place === "pending").map((entry) => entry.name))
  return waiting.filter((each) => places.has(each.name))
}

function isNamed(waiting: Waiting, name: string): boolean {
  if (waiting.name === name || `${waiting.name}.jsonl` === basename(name)) return true
  const prefix = parseIdPrefix(name)
  const id = parseExportName(waiting.name)?.id ?? sessionIdIn(waiting.name)
  return prefix !== null && beginsWith(id, prefix)
}
