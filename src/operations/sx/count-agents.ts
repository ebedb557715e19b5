/** `sx`: every agent's sessions saved, and written in the common format. */
import { isFullySaved } from "../../domain/listing/saved-mark.ts"
import type { ListedSession } from "../../pipeline/listing/list-sessions.ts"
import { exportFolders, type Paths } from "../../system/config/paths.ts"
import { listDirOrEmpty } from "../../system/fs/list-dir.ts"

export interface AgentCounts {
  readonly agent: string
  /** Sessions in its homes. */
  readonly sessions: number
  /** Those whose newest copy holds them as they are now. */
  readonly saved: number
  readonly unsaved: number
  /** Exports that wait to be processed, and archived ones, whether their sessions still exist or not. */
  readonly pending: number
  readonly archived: number
  /** Where its exports go. */
  readonly folder: string
}

/** Of each agent, by name. */
export function countAgents(
  listed: readonly ListedSession[],
  agents: readonly string[],
  { data }: Pick<Paths, "data">,
): readonly AgentCounts[] {
  const groups = Map.groupBy(listed, ({ session }) => session.agent)
  return agents.toSorted().map((agent) => {
    const its = (groups.get(agent) ?? []).filter(({ saved }) => saved.kind !== "empty")
    const saved = its.filter((each) => isFullySaved(each.saved)).length
    const { pending, archive } = exportFolders(data, agent)
    return {
      agent,
      sessions: its.length,
      saved,
      unsaved: its.length - saved,
      pending: countExports(pending),
      archived: countExports(archive),
      folder: pending,
    }
  })
}

function countExports(folder: string): number {
  return listDirOrEmpty(folder).filter((name) => name.endsWith(".manifest.json")).length
}
