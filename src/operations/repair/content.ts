import { basename } from "node:path"
import { showPath } from "../../domain/disk-path.ts"
import { parseUuid, type SessionId, uuidIn } from "../../domain/session/session-id.ts"
import { parseRecord } from "../../domain/transcript/entries.ts"
import { readStretches } from "../../domain/transcript/stretches.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { TranscriptFile } from "../../rescue/repair/file-source.ts"
import type { DetectPlugin } from "../../sdk/contracts.ts"

/** Where its client would keep a file that is somewhere else. */
export function relativeOf(
  path: string,
  { plugin, cwd, id }: { plugin: DetectPlugin; cwd: string | null; id: SessionId },
): string {
  const name = basename(path)
  const kept = plugin.transcriptRules?.keptPlace?.exec(path)
  if (kept != null) return kept[0]
  const day = /^rollout-(\d{4})-(\d\d)-(\d\d)T/.exec(name)
  if (day !== null) return `sessions/${day.slice(1, 4).join("/")}/${name}`
  const plain = `projects/${cwd === null ? "-unknown" : "-"}/${id}.jsonl`
  return cwd === null ? plain : showPath(plugin.refiledPath?.(plain, id, cwd) ?? plain)
}

const maxHeadRecords = 2000

/** The agent whose records there are most of, with the folder and the id that they name. */
export function describeContent(file: TranscriptFile) {
  const plugins = builtInDetectPlugins().filter(({ transcriptRules }) => transcriptRules !== undefined)
  const counts = new Map<DetectPlugin, number>()
  let cwd: string | null = null
  let id = uuidIn(basename(showPath(file.path)))
  let read = 0
  for (const { bytes } of readStretches(file)) {
    if (read++ > maxHeadRecords) break
    const value = bytes === null ? null : parseRecord(bytes)
    if (value === null) continue
    const plugin = plugins.find(({ transcriptRules }) => transcriptRules?.isRecord(value))
    if (plugin === undefined) continue
    counts.set(plugin, (counts.get(plugin) ?? 0) + 1)
    const inner = (value.payload ?? {}) as Record<string, unknown>
    cwd ??= [value.cwd, inner.cwd].find((each): each is string => typeof each === "string") ?? null
    id ??= parseUuid(value.sessionId) ?? parseUuid(inner.id)
  }
  const [most] = [...counts].toSorted(([, a], [, b]) => b - a)
  return { plugin: most?.[0] ?? null, cwd, id }
}
