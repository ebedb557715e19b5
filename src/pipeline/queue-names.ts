import { basename } from "node:path"
import { RescueError } from "../session/errors.ts"
import { parseExportName } from "../session/export.ts"
import { beginsWith, parseIdPrefix, sessionIdIn } from "../session/session-id.ts"
import type { Waiting } from "./queue.ts"

/** Throws `EXPORT_NOT_FOUND` for a name that nothing pending has: an export's, a file's, or the beginning of an id. */
export function selectWaiting(waiting: readonly Waiting[], names: readonly string[]): readonly Waiting[] {
  const chosen = new Set<Waiting>()
  for (const name of names) {
    const fits = waiting.filter((each) => isNamed(each, name))
    if (fits.length === 0) {
      const hint = "see what is pending: session-rescue queue"
      throw new RescueError("EXPORT_NOT_FOUND", `nothing pending is called "${name}"`, hint)
    }
    for (const each of fits) chosen.add(each)
  }
  return waiting.filter((each) => chosen.has(each))
}

function isNamed(waiting: Waiting, name: string): boolean {
  if (waiting.name === name || `${waiting.name}.jsonl` === basename(name)) return true
  const prefix = parseIdPrefix(name)
  const id = parseExportName(waiting.name)?.id ?? sessionIdIn(waiting.name)
  return prefix !== null && beginsWith(id, prefix)
}
