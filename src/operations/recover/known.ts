import { showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SessionRecord } from "../../domain/export/manifest.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { type SessionId, shortId } from "../../domain/session/session-id.ts"
import type { TranscriptRules } from "../../domain/transcript/rules.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { DetectPlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"

/** What the newest export says of a session; else its files, where any are left. */
export function recordOf(
  id: SessionId,
  [found]: readonly FoundSession[],
  paths: Paths,
): SessionRecord | null {
  const saved = readEverySaved(paths).of(id)[0]?.manifest.session
  if (saved !== undefined) return saved
  if (found === undefined) return null
  const transcript = found.transcript === null ? null : showPath(found.transcript)
  return recordFrom({ id, agent: found.agent, home: found.home, transcript })
}

/** Of a session of which nothing else is known. */
export function recordFrom(
  known: Pick<SessionRecord, "id" | "agent" | "home" | "transcript">,
): SessionRecord {
  const facts = { state: "COMPLETED", detail: "recovered", flags: [], lastRecordAt: null }
  return { ...known, cwd: null, title: null, ...facts }
}

/** Rules by which sessions can be put together: also for words without a record, and for where it is to be. */
export type RecoveryRules = TranscriptRules & Required<Pick<TranscriptRules, "spoken" | "recoveredPlace">>

function canRecover(rules: TranscriptRules | undefined): rules is RecoveryRules {
  return rules?.spoken !== undefined && rules.recoveredPlace !== undefined
}

export function pluginFor(agent: string, id: SessionId): { plugin: DetectPlugin; rules: RecoveryRules } {
  const plugin = builtInDetectPlugins().find((each) => each.agent === agent)
  const rules = plugin?.transcriptRules
  if (plugin !== undefined && canRecover(rules)) return { plugin, rules }
  throw new RescueError(
    "REFUSED",
    `sessions of "${agent}" cannot be put together from pieces`,
    `restore an export: session-rescue restore ${shortId(id)}`,
  )
}
