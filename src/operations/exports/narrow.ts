import { isAgent } from "../../domain/agent-name.ts"
import { RescueError } from "../../domain/errors.ts"
import { greatest } from "../../domain/extremes.ts"
import { isInProject } from "../../domain/project-filter.ts"
import { states as savedStates } from "../../domain/session/state.ts"
import { isNeed, type Narrowing } from "../../pipeline/narrowing.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { CatalogEntry } from "./select.ts"

export interface NarrowedExports {
  readonly entries: readonly CatalogEntry[]
  /** Entries that do not match. */
  readonly excluded: number
  /** Entries that match, but are older than the newest `limit`. */
  readonly leftOff: number
}

/**
 * The exports whose session matches, as it was when it was saved. An entry that is no whole export has no known session
 * and matches only when nothing is asked of it. `entries` are newest first.
 */
export function narrowExports(entries: readonly CatalogEntry[], narrowing: Narrowing): NarrowedExports {
  assertKnownAgent(narrowing.agent, entries)
  assertSavedStates(narrowing)
  const matching = entries.filter((entry) => matches(entry, narrowing))
  const shown = matching.slice(0, narrowing.limit ?? matching.length)
  return {
    entries: shown,
    excluded: entries.length - matching.length,
    leftOff: matching.length - shown.length,
  }
}

/** An agent of a user's plugin is known by its exports: plugins are not loaded to list them. */
function assertKnownAgent(typed: string | null, entries: readonly CatalogEntry[]): void {
  if (typed === null) return
  const exported = entries.flatMap((entry) =>
    entry.kind === "export" ? [entry.saved.manifest.session.agent] : [],
  )
  const known = new Set([...builtInDetectPlugins().map(({ agent }) => agent), ...exported])
  if ([...known].some((agent) => isAgent(typed, agent))) return
  throw new RescueError("USAGE", `unknown agent: "${typed}"`, `known: ${[...known].join(", ")}`)
}

/** What a session needed when it was saved is not recorded. */
function assertSavedStates({ states }: Narrowing): void {
  const need = states?.find(isNeed)
  if (need === undefined) return
  const known = savedStates.map((state) => state.toLowerCase()).join(", ")
  const message = `"${need}" is not recorded in an export`
  throw new RescueError("USAGE", message, `use the state in which it was saved: ${known}`)
}

function matches(entry: CatalogEntry, { project, since, states, agent }: Narrowing): boolean {
  if ([project, since, states, agent].every((each) => each === null)) return true
  if (entry.kind !== "export") return false
  const { manifest } = entry.saved
  const { session } = manifest
  if (agent !== null && !isAgent(agent, session.agent)) return false
  if (states !== null && !states.some((state) => state === session.state)) return false
  if (project !== null && !isInProject(session.cwd, project)) return false
  return since === null || lastActive(manifest) >= since
}

/** Without a dated record: the newest write to its files, as for a session that is not saved. */
function lastActive({ session, files }: SavedManifest): number {
  if (session.lastRecordAt !== null) return Date.parse(session.lastRecordAt)
  return greatest(files.map(({ modifiedAt }) => Date.parse(modifiedAt))) ?? 0
}

type SavedManifest = Extract<CatalogEntry, { kind: "export" }>["saved"]["manifest"]
