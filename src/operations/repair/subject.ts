/** Doctor and repair of one transcript: which file is meant, what is wrong with it, and a repaired copy. */
import { existsSync, realpathSync } from "node:fs"
import { basename, resolve } from "node:path"
import { pathKey, showPath } from "../../domain/disk-path.ts"
import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { SessionRecord } from "../../domain/export/manifest.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import { parseSessionId, type SessionId, shortId } from "../../domain/session/session-id.ts"
import type { TranscriptRules } from "../../domain/transcript/rules.ts"
import { tryClassify } from "../../pipeline/classify.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import { readManifest } from "../../rescue/catalog/saved-exports.ts"
import { openTranscript, type TranscriptFile } from "../../rescue/repair/file-source.ts"
import { spoolStored } from "../../rescue/repair/spool.ts"
import type { DetectPlugin } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import { chooseExport } from "../restore/choose-export.ts"
import { describeContent, relativeOf } from "./content.ts"

/** A transcript that is to be examined, and the session it is of. `close` it. */
export interface Subject {
  readonly file: TranscriptFile
  /** The file as the person knows it. */
  readonly path: string
  readonly rules: TranscriptRules
  readonly others: readonly TranscriptRules[]
  readonly id: SessionId
  /** Relative to its client's home. */
  readonly relative: string
  readonly session: SessionRecord
  /** The session on disk; null for a file that is of none. */
  readonly found: FoundSession | null
}

interface SubjectOptions {
  readonly paths: Paths
  readonly ctx: RunContext
  readonly verb: "doctor" | "repair" | "restore" | "diff"
}

/** What a person means: a session on disk, an export of one, or any `.jsonl` file. */
export async function openSubject(name: string, options: SubjectOptions): Promise<Subject> {
  const { paths, ctx, verb } = options
  const found = await detectAll(ctx, null)
  const path = existsSync(name) ? realpathSync(resolve(name)) : null
  if (path !== null && !name.endsWith(".manifest.json") && !name.endsWith(".zst")) {
    const own = found.find(({ transcript }) => transcript !== null && pathKey(transcript) === path)
    return own === undefined ? ofFile(path, ctx) : ofSession(own, ctx)
  }
  if (path !== null) return ofExport(name, options)
  try {
    const [one] = await selectNamed([name], found, { paths, ctx, verb })
    if (one !== undefined && one.transcript !== null) return await ofSession(one, ctx)
  } catch (error) {
    const isGone = isRescueError(error) && error.code === "SESSION_NOT_FOUND"
    if (!isGone) throw error
    return ofExport(name, options).catch((other) => {
      throw isRescueError(other) && other.code === "EXPORT_NOT_FOUND" ? error : other
    })
  }
  return ofExport(name, options)
}

async function ofSession(found: FoundSession, ctx: RunContext): Promise<Subject> {
  const { transcript } = found
  if (transcript === null || found.id === null)
    throw new RescueError("NOTHING_FOUND", "that session has no transcript", "see it: session-rescue status")
  if (showPath(transcript).endsWith(".json"))
    throw new RescueError(
      "REFUSED",
      `${showPath(transcript)} is one document that its client writes whole: it has no records to examine`,
      `put back an export of it: session-rescue restore ${shortId(found.id)}`,
    )
  const session = await tryClassify(found, ctx)
  const { id, agent, home, cwd, title, state, detail, flags, turn } = session
  const path = showPath(transcript)
  const plugin = pluginOf(agent)
  const at = turn.lastRecordAt
  const record = {
    id: id ?? "",
    agent,
    home,
    transcript: path,
    cwd,
    title,
    state,
    detail,
    flags: [...flags],
    lastRecordAt: at === null ? null : new Date(at).toISOString(),
  }
  const relative = path.startsWith(`${home}/`) ? path.slice(home.length + 1) : basename(path)
  return {
    file: openTranscript(transcript),
    path,
    ...rulesOf(plugin),
    id: found.id,
    relative,
    session: record,
    found,
  }
}

/**
 * The newest export of a session that has its transcript; of one that has lost records since it was saved, the longest:
 * a newer one may lack them, too.
 */
export async function openExportOf(
  { id, session }: Subject,
  { paths, ctx }: SubjectOptions,
): Promise<Subject> {
  const lengthOf = ({ manifest }: SavedExport) =>
    manifest.files.find(({ role }) => role === "transcript")?.length ?? -1
  const all = readEverySaved(paths)
    .of(id)
    .filter((saved) => lengthOf(saved) >= 0)
  const chosen = session.flags.includes("shrunk") ? all.toSorted((a, b) => lengthOf(b) - lengthOf(a)) : all
  if (chosen[0] !== undefined) return openSaved(chosen[0], paths, ctx)
  throw new RescueError(
    "EXPORT_NOT_FOUND",
    `${shortId(id)} has no export`,
    `save it: session-rescue export ${shortId(id)}`,
  )
}

/** Of several exports the one that holds the others, as a restore chooses it. */
async function ofExport(name: string, { paths, ctx }: SubjectOptions): Promise<Subject> {
  const read = storedReader(ctx.plugins, "evicted")
  const saved = await chooseExport(name, { paths, readStored: read, signal: ctx.signal, warn: ctx.warn })
  return openSaved(saved, paths, ctx)
}

async function openSaved(saved: SavedExport, paths: Paths, ctx: RunContext): Promise<Subject> {
  const read = storedReader(ctx.plugins, "evicted")
  const main = saved.manifest.files.find(({ role }) => role === "transcript")
  if (main === undefined)
    throw new RescueError(
      "NOTHING_FOUND",
      `${saved.path} has no transcript`,
      "list the exports: session-rescue list",
    )
  const file =
    saved.archive === null ? openTranscript(saved.path) : await spoolStored(saved, main, read, paths.data)
  return { file, ...savedFacts(saved, main.relative) }
}

function savedFacts({ path, manifest }: SavedExport, relative: string) {
  const { session } = manifest
  const id = parseSessionId(session.id)
  if (id === null) throw new RescueError("DAMAGED", `${path} names no session`, "inspect its manifest")
  return { path, ...rulesOf(pluginOf(session.agent)), id, relative, session, found: null }
}

/** Any `.jsonl`: of an export, or one that somebody kept. Whose it is, its records tell. */
function ofFile(path: string, ctx: RunContext): Subject {
  const manifest = readManifest(path.replace(/\.jsonl$/, ".manifest.json"))
  const main = manifest?.files.find(({ role }) => role === "transcript")
  const file = openTranscript(path)
  if (manifest != null && main !== undefined && parseSessionId(manifest.session.id) !== null) {
    const id = manifest.session.id as SessionId
    const { session } = manifest
    return {
      file,
      path,
      ...rulesOf(pluginOf(session.agent)),
      id,
      relative: main.relative,
      session,
      found: null,
    }
  }
  const { plugin, cwd, id } = describeContent(file)
  if (plugin === null || id === null) {
    file.close()
    const why = plugin === null ? "holds no record of an agent that this version knows" : "names no session"
    throw new RescueError(
      "NOTHING_FOUND",
      `${path} ${why}`,
      "name a session or its transcript: session-rescue status --all",
    )
  }
  const home = plugin.homes?.(ctx)[0] ?? ""
  const relative = relativeOf(path, { plugin, cwd, id })
  const session = {
    id,
    agent: plugin.agent,
    home,
    transcript: path,
    cwd,
    title: null,
    state: "COMPLETED",
    detail: "a file of its own",
    flags: [],
    lastRecordAt: null,
  }
  return { file, path, ...rulesOf(plugin), id, relative, session, found: null }
}

function pluginOf(agent: string): DetectPlugin {
  const plugin = builtInDetectPlugins().find(
    (each) => each.agent === agent && each.transcriptRules !== undefined,
  )
  if (plugin !== undefined) return plugin
  const known = builtInDetectPlugins().flatMap((each) =>
    each.transcriptRules === undefined ? [] : [each.agent],
  )
  throw new RescueError(
    "REFUSED",
    `transcripts of "${agent}" cannot be examined record by record`,
    `known: ${known.join(", ")}`,
  )
}

function rulesOf({ agent, transcriptRules }: DetectPlugin) {
  if (transcriptRules === undefined) throw new Error(`no rules for ${agent}`)
  const others = builtInDetectPlugins().flatMap((each) =>
    each.transcriptRules === undefined || each.agent === agent ? [] : [each.transcriptRules],
  )
  return { rules: transcriptRules, others }
}
