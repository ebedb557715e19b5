import { isAgent } from "../../domain/agent-name.ts"
import { type DiskPath, showPath } from "../../domain/disk-path.ts"
import { day } from "../../domain/duration.ts"
import { RescueError } from "../../domain/errors.ts"
import { parseExportName, type SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { FileStat } from "../../domain/session/file-stat.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { parseSessionId, type SessionId } from "../../domain/session/session-id.ts"
import { rowsSource } from "../../pipeline/indexing/rows-source.ts"
import { isRecordList } from "../../pipeline/indexing/sources.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { listEveryName, readEverySaved } from "../../rescue/catalog/every-agent.ts"
import type { DetectPlugin, TokenUsageReader } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { readRange } from "../../system/fs/read-range.ts"

/** A session whose usage is read: on disk, or only in exports because its transcript is gone. */
export interface UsageSession {
  readonly agent: string
  readonly id: SessionId | null
  readonly found: FoundSession | null
  readonly saved: SavedExport | null
}

/** A file of a conversation: the main transcript, or a subagent's. */
export interface UsageFile {
  readonly session: UsageSession
  readonly path: string
  readonly size: number
  readonly modifiedAt: number
  readonly reader: TokenUsageReader
  /** One JSON document with all records, not a record a line. */
  readonly isDocument: boolean
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

export interface UsageSources {
  /** Every session with such files, whenever they were written. */
  readonly sessions: readonly UsageSession[]
  /** Least recently written first: an answer that was copied to other files counts for the first. */
  readonly files: readonly UsageFile[]
  /** Found sessions of agents whose records do not tell the usage to this version. */
  readonly unsupported: readonly FoundSession[]
}

/** Clocks differ: a record may be dated later than its file. */
const clockSlackMs = day

/** All files with conversations of these sessions, and of deleted ones in exports; `since`: written since then. */
export function usageSources(
  found: readonly FoundSession[],
  options: { readonly since: number | null; readonly agent: string | null; readonly paths: Paths },
  ctx: RunContext,
): UsageSources {
  const sessions = found.flatMap((each) => (each.candidates.length > 0 ? each.candidates : [each]))
  const plugins = new Map(builtInDetectPlugins().map((plugin) => [plugin.agent, plugin]))
  const supported = sessions.filter(({ agent }) => plugins.get(agent)?.tokenUsage !== undefined)
  const files = [
    ...supported.flatMap((session) => filesOnDisk(session, plugins.get(session.agent), ctx)),
    ...filesInExports(supported, plugins, options, ctx),
  ]
  const from = options.since === null ? Number.NEGATIVE_INFINITY : options.since - clockSlackMs
  return {
    sessions: [...new Set(files.map(({ session }) => session))],
    files: files.filter(({ modifiedAt }) => modifiedAt >= from).sort((a, b) => a.modifiedAt - b.modifiedAt),
    unsupported: sessions.filter((each) => !supported.includes(each)),
  }
}

function filesOnDisk(found: FoundSession, plugin: DetectPlugin | undefined, ctx: RunContext): UsageFile[] {
  const reader = plugin?.tokenUsage
  if (reader === undefined) return []
  const session = { agent: found.agent, id: found.id, found, saved: null }
  if (found.rows !== undefined) {
    const { path, size, modifiedAt, open } = rowsSource(found, found.rows)
    return [{ session, path, size, modifiedAt, reader, isDocument: false, open: () => open(0) }]
  }
  const others = plugin?.transcriptFiles?.(found, ctx).map(({ path }) => path) ?? []
  const paths = [...(found.transcript === null ? [] : [found.transcript]), ...others]
  return paths.flatMap((path) => {
    const stat = isTranscript(path) ? ctx.files.stat(path) : null
    if (stat === null) return []
    const { kind, size, modifiedAt } = stat
    const open = () => (kind === "file" ? readRange(path, 0) : refuse(kind))
    const [shown, bytes] = [showPath(path), kind === "file" ? size : 0]
    return [{ session, path: shown, size: bytes, modifiedAt, reader, isDocument: isRecordList(shown), open }]
  })
}

/** Links are not followed anywhere: what they lead to may be another session's. */
function refuse(kind: FileStat["kind"]): never {
  throw new RescueError("SOURCE_NOT_REGULAR", `it is a ${kind}, not a plain file`, "it was not read")
}

function isTranscript(path: DiskPath): boolean {
  const shown = showPath(path)
  return shown.endsWith(".jsonl") || isRecordList(shown)
}

/** Files of sessions without a transcript on disk, each in its longest copy. */
function filesInExports(
  onDisk: readonly FoundSession[],
  plugins: ReadonlyMap<string, DetectPlugin>,
  { agent, paths }: { readonly agent: string | null; readonly paths: Paths },
  ctx: RunContext,
): UsageFile[] {
  const names = listEveryName(paths)
  const present = new Set(onDisk.flatMap(({ id, transcript }) => (transcript === null ? [] : [id])))
  const saved = readEverySaved(paths)
  const read = storedReader(ctx.plugins)
  return idsIn([...names.pending, ...names.archive]).flatMap((id) => {
    const exports = present.has(id) ? [] : saved.of(id)
    const [newest] = exports
    if (newest === undefined) return []
    const session = { agent: newest.manifest.session.agent, id, found: null, saved: newest }
    const reader = plugins.get(session.agent)?.tokenUsage
    if (reader === undefined || (agent !== null && !isAgent(agent, session.agent))) return []
    return longestCopies(exports).map(({ saved, file }) => ({
      session,
      path: saved.path,
      size: file.length,
      modifiedAt: Date.parse(file.modifiedAt) || 0,
      reader,
      isDocument: isRecordList(file.relative),
      open: () => read(saved, file),
    }))
  })
}

interface StoredFile {
  readonly saved: SavedExport
  readonly file: ManifestFile
}

/** Clients append to these files: the longest copy holds what the others do, unless a client rewrote it. */
function longestCopies(exports: readonly SavedExport[]): readonly StoredFile[] {
  const longest = new Map<string, StoredFile>()
  for (const saved of exports) {
    for (const file of saved.manifest.files) {
      const known = longest.get(file.relative)
      const isTold = isTranscript(file.relative) || file.rows !== undefined
      if (isTold && file.length > (known?.file.length ?? -1)) longest.set(file.relative, { saved, file })
    }
  }
  return [...longest.values()]
}

function idsIn(names: readonly string[]): readonly SessionId[] {
  const ids = names.flatMap((name) => {
    const base = name.replace(/\.(?:manifest|archive)\.json$/, "")
    return base === name ? [] : (parseSessionId(parseExportName(base)?.id) ?? [])
  })
  return [...new Set(ids)]
}
