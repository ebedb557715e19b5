import { basename } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { idInName } from "../../domain/export/export.ts"
import { hasIdPrefix, parseIdPrefix } from "../../domain/session/session-id.ts"
import { readWholeCatalog } from "../../rescue/catalog/every-agent.ts"
import type { Paths } from "../../system/config/paths.ts"
import { findExportsByName } from "../naming/match-exports.ts"
import type { PendingItem } from "./queue.ts"

/**
 * Selects pending exports by export name, file, id prefix or session label. Throws `EXPORT_NOT_FOUND` for a
 * name that matches none. `verb`: the calling command.
 */
export function selectPending(
  waiting: readonly PendingItem[],
  names: readonly string[],
  paths: Paths,
  verb: string,
): readonly PendingItem[] {
  const chosen = new Set<PendingItem>()
  for (const name of names) {
    const exact = waiting.filter((each) => isNamed(each, name))
    const fits = exact.length > 0 ? exact : findByLabel(name, waiting, paths, verb)
    if (fits.length === 0) {
      const hint = "see what is pending: session-rescue queue"
      throw new RescueError("EXPORT_NOT_FOUND", `no pending export matches "${name}"`, hint)
    }
    for (const each of fits) chosen.add(each)
  }
  return waiting.filter((each) => chosen.has(each))
}

function findByLabel(
  name: string,
  waiting: readonly PendingItem[],
  paths: Paths,
  verb: string,
): readonly PendingItem[] {
  const found = findExportsByName(name, readWholeCatalog(paths), paths, { verb })
  const places = new Set(found.filter(({ place }) => place === "pending").map((entry) => entry.name))
  return waiting.filter((each) => places.has(each.name))
}

function isNamed(waiting: PendingItem, name: string): boolean {
  if (waiting.name === name || `${waiting.name}.jsonl` === basename(name)) return true
  const prefix = parseIdPrefix(name)
  const id = idInName(waiting.name)
  return prefix !== null && hasIdPrefix(id, prefix)
}
