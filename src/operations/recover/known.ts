import { showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SessionRecord } from "../../domain/export/manifest.ts"
import { type SessionId, shortId } from "../../domain/session/session-id.ts"
import type { TranscriptRules } from "../../domain/transcript/rules.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { DetectPlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"

/** What the newest export says of a session; else its files, where any are left. */
export async function recordOf(id: SessionId, paths: Paths, ctx: RunContext): Promise<SessionRecord | null> {
  const saved = readEverySaved(paths).of(id)[0]?.manifest.session
  if (saved !== undefined) return saved
  const found = (await detectAll(ctx, null)).find((each) => each.id === id)
  if (found === undefined) return null
  const transcript = found.transcript === null ? null : showPath(found.transcript)
  const facts = { state: "COMPLETED", detail: "recovered", flags: [], lastRecordAt: null }
  return { id, agent: found.agent, home: found.home, transcript, cwd: null, title: null, ...facts }
}

/** The agents whose sessions can be put together: those with rules for their records and for words without one. */
export function pluginFor(agent: string, id: SessionId): { plugin: DetectPlugin; rules: TranscriptRules } {
  const plugin = builtInDetectPlugins().find((each) => each.agent === agent)
  const rules = plugin?.transcriptRules
  if (plugin !== undefined && rules?.spoken !== undefined) return { plugin, rules }
  throw new RescueError(
    "REFUSED",
    `sessions of "${agent}" cannot be put together from pieces`,
    `restore an export: session-rescue restore ${shortId(id)}`,
  )
}

/** Where a transcript goes of which nothing says where it was. */
export function unknownPlace(agent: string, id: SessionId): string {
  if (agent === "copilot") return `session-state/${id}/events.jsonl`
  if (agent === "codex") return `sessions/recovered/rollout-recovered-${id}.jsonl`
  return agent === "gemini"
    ? `tmp/recovered/chats/session-${id.slice(0, 8)}.jsonl`
    : `projects/-recovered/${id}.jsonl`
}
