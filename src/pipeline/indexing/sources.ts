import { dirname } from "node:path"
import { type DiskPath, readShown, showPath } from "../../domain/disk-path.ts"
import type { Exported, ReadStored, SavedExport } from "../../domain/export/export.ts"
import type { Manifest, ManifestFile } from "../../domain/export/manifest.ts"
import type { FileStat } from "../../domain/session/file-stat.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { FileState, IndexSource, SourceForm } from "../../index/index.ts"
import { readRange } from "../../system/fs/read-range.ts"
import { builtInDetectPlugins } from "../plugin-registry.ts"
import type { RunContext } from "../run-context.ts"
import { rowsSource, rowsState } from "./rows-source.ts"

/** Files with these names contain the conversations of all supported agents; no other file does. */
function formOf(name: string): SourceForm | null {
  if (name.endsWith(".jsonl")) return "records"
  if (name.includes("/tool-results/"))
    return name.endsWith(".txt") ? "text" : name.endsWith(".json") ? "pieces" : null
  if (/(?:^|\/)\.aider\.chat\.history\.md$/.test(name)) return "text"
  if (isRecordList(name) || /\/logs\.json$/.test(name)) return "list"
  return /\/(?:custom-title|sessions-index)\.json$/.test(name) ? "whole" : null
}

/** Whether a file with this name is one JSON document with the records of a conversation. */
export function isRecordList(name: string): boolean {
  return /(?:\/chats\/[^/]+(?:\/[^/]+)?|\.messages)\.json$/.test(name)
}

function isConversation({ relative, rows }: ManifestFile): boolean {
  return rows !== undefined || formOf(relative) !== null
}

/** The files of a session's conversation in the client's home, including its subagents'. */
export function liveSources(found: FoundSession, ctx: RunContext): readonly IndexSource[] {
  if (found.rows !== undefined) return [rowsSource(found, found.rows)]
  const own = found.transcript === null ? [] : (liveSource(found.transcript, "", found, ctx) ?? [])
  return [
    own,
    otherFiles(found, ctx).flatMap((each) => liveSource(each.path, each.document, found, ctx) ?? []),
  ].flat()
}

const noSources: readonly IndexSource[] = []

/**
 * The files that are not `current`. Hardly any of thousands of sessions has changed: the transcript is not stat'ed
 * again, and few objects are created for unchanged files.
 */
export function changedSources(
  found: FoundSession,
  ctx: RunContext,
  current: (file: FileState) => boolean,
): readonly IndexSource[] {
  const { transcript, transcriptStat, rows } = found
  if (rows !== undefined) return current(rowsState(found, rows)) ? noSources : [rowsSource(found, rows)]
  const known = transcript !== null && transcriptStat?.kind === "file"
  const unchanged = known && current(fileState(transcript, transcriptStat))
  const own = transcript === null || unchanged ? null : liveSource(transcript, "", found, ctx)
  const more = otherFiles(found, ctx)
  if (own === null && more.length === 0) return noSources
  const changed = more.flatMap((each) => liveSource(each.path, each.document, found, ctx) ?? [])
  return [...(own === null ? [] : [own]), ...changed].filter((source) => !current(source))
}

/** The range of paths in which all files of these sessions, found in one folder, are; null when there are none. */
export function pathRange(
  neighbours: readonly FoundSession[],
): readonly [first: string, last: string] | null {
  let first = ""
  let last = ""
  for (const { transcript } of neighbours) {
    if (transcript === null) continue
    const path = showPath(transcript)
    if (first === "" || path < first) first = path
    if (path > last) last = path
  }
  if (first === "") return null
  const stem = last.replace(/\.[^./]*$/, "") // the folder with the session's other files has the name of the transcript
  return [first, `${stem}\u{10ffff}`]
}

const noFiles: readonly { readonly path: DiskPath; readonly document: string }[] = []

function otherFiles(found: FoundSession, ctx: RunContext) {
  const plugin = builtInDetectPlugins().find(({ agent }) => agent === found.agent)
  const files = plugin?.transcriptFiles?.(found, ctx) ?? []
  return files.length === 0
    ? noFiles
    : files.map(({ path, relative }) => ({ path, document: showPath(relative) }))
}

function fileState(
  path: DiskPath,
  { device, inode, size, modifiedAt }: FileStat,
): FileState & { size: number } {
  return { path: showPath(path), file: `${device}:${inode}`, size, modifiedAt }
}

function liveSource(
  path: DiskPath,
  document: string,
  found: FoundSession,
  ctx: RunContext,
): IndexSource | null {
  const look = ctx.files.stat(path)
  if (look?.kind !== "file") return null
  const form = formOf(document === "" ? showPath(path) : document) ?? "records"
  return {
    ...fileState(path, look),
    place: "live",
    agent: found.agent,
    session: found.id,
    document,
    ...textForm(form, look.modifiedAt),
    ...(form === "records" ? { diskPath: path } : {}),
    export: null,
    open: (from, length) => readRange(path, from, length),
  }
}

/** A transcript named by the user: only its records identify the session. */
export function namedSource(path: string, ctx: RunContext): IndexSource | null {
  return knownSource({ path, agent: "claude-code", session: null, document: "" }, ctx)
}

/** A file described in an index; null when it does not exist. */
export function knownSource(
  { path, agent, session: id, document }: Pick<IndexSource, "path" | "agent" | "session" | "document">,
  ctx: RunContext,
): IndexSource | null {
  const session = { agent, id } as FoundSession
  return liveSource(path, document, session, ctx) ?? liveSource(readShown(path), document, session, ctx)
}

/** Files shared by all sessions, with traces of purged ones. */
export function traceSources(ctx: RunContext): readonly IndexSource[] {
  return builtInDetectPlugins().flatMap(({ agent, sharedFiles }) =>
    (sharedFiles?.(ctx) ?? []).flatMap(
      ({ path, relative }) =>
        liveSource(path, showPath(relative), { agent, id: null } as FoundSession, ctx) ?? [],
    ),
  )
}

/** The unarchived files of an export, from the description that plugins receive. */
export function exportedSources(exported: Exported): readonly IndexSource[] {
  const { manifest } = exported
  if (manifest === null) return []
  return exported.files.flatMap(({ path, sha256 }) => {
    const file = manifest.files.find((each) => each.sha256 === sha256 && path.endsWith(`/${each.path}`))
    if (file === undefined || !isConversation(file)) return []
    return [
      sourceIn(exported.name, manifest, file, { path, place: "pending" }, (from, length) =>
        readRange(path, from, length),
      ),
    ]
  })
}

/** The files of an export, archived or not. */
export function savedSources(saved: SavedExport, readStored: ReadStored): readonly IndexSource[] {
  return saved.manifest.files.filter(isConversation).map((file) => {
    const where = { path: storedPathOf(saved, file), place: saved.place }
    return sourceIn(saved.name, saved.manifest, file, where, (from) => readStored(saved, file, from))
  })
}

/** Path of the file, or of the file that an archiver made from it. */
export function storedPathOf({ archive, manifestPath }: SavedExport, file: ManifestFile): string {
  const stored = archive?.stored.find(({ path }) => path === file.path || path.startsWith(`${file.path}.`))
  return `${dirname(manifestPath)}/${stored?.path ?? file.path}`
}

function textForm(form: SourceForm, at: number): Pick<IndexSource, "form" | "textAt"> {
  if (form === "records") return {}
  return form === "whole" || form === "list" ? { form } : { form, textAt: Math.floor(at) || 0 }
}

function sourceIn(
  name: string,
  { session, exportedAt }: Manifest,
  file: ManifestFile,
  where: Pick<IndexSource, "path" | "place">,
  open: IndexSource["open"],
): IndexSource {
  return {
    ...where,
    agent: session.agent,
    session: session.id,
    document: file.role === "transcript" ? "" : file.relative,
    ...textForm(formOf(file.relative) ?? "records", Date.parse(file.modifiedAt)),
    export: name,
    file: file.sha256,
    size: file.length,
    modifiedAt: Date.parse(exportedAt) || 0,
    open,
  }
}

/** Sorts files, which folders list in any order: the conversation, then its subagents', then saved tool output. */
export function inReadingOrder(sources: readonly IndexSource[]): readonly IndexSource[] {
  const rank = ({ document, form }: IndexSource) => (document === "" ? 0 : form === "text" ? 2 : 1)
  return sources.toSorted((a, b) => rank(a) - rank(b) || (a.document < b.document ? -1 : 1))
}
