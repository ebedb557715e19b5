import { type DiskPath, pathKey, samePath, showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { ManifestFile } from "../../domain/export/manifest.ts"
import {
  outsidePath,
  placeInHome,
  type RecordedPath,
  safePathParts,
} from "../../domain/export/recorded-path.ts"
import type { Progress } from "../../domain/progress.ts"
import { storedReader } from "../../pipeline/read-stored.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { readOrDamaged } from "../../rescue/catalog/export-files.ts"
import { linkTarget } from "../../rescue/io/link-target.ts"
import type { LinkPlacement, Placement } from "../../rescue/restore/restore.ts"
import { type Target, targetBelow } from "../../rescue/restore/target.ts"
import { compareWith } from "../../rescue/verify/compare-existing.ts"
import { inspectDir } from "../../system/fs/list-dir.ts"
import { databaseTarget, planRowsOutcome } from "./plan-rows.ts"
import type { RestoredFile, RestoredLink } from "./report.ts"
import type { RestoreRoot } from "./root.ts"
import { assertSole, reasonNotSole } from "./sole-file.ts"

export interface PlannedFile extends Placement {
  readonly outcome: RestoredFile["outcome"]
  readonly why: string | null
}
export interface RestorePlan {
  readonly files: readonly PlannedFile[]
  readonly links: readonly PlannedLink[]
}

interface PlanContext {
  readonly root: RestoreRoot
  readonly force: boolean
  readonly ctx: RunContext
  readonly progress: Progress
}

/** Plans a restore from what is there now. Throws when a place is not one of the session, or is used by something else. */
export async function planRestore(saved: SavedExport, planning: PlanContext): Promise<RestorePlan> {
  const { root, force } = planning
  const { files: recorded, links } = saved.manifest
  const places = destinationsOf(saved, root)
  assertNoClashes(saved, places)
  const files: PlannedFile[] = []
  for (const [index, file] of recorded.entries()) {
    const place = places[index] ?? ""
    const target = databaseTarget(file, place, root) ?? targetOf(file, place, planning)
    const why = reasonNotSole(file, saved.manifest, root.plugin)
    files.push(
      why === null
        ? await planFile(saved, file, target, planning)
        : { file, target, outcome: "skipped", why },
    )
  }
  assertSole(files, root, planning.ctx)
  assertMayReplace(files, root, force)
  return { files, links: links.map((link) => planLink(saved, link, root)) }
}

/** What is only tied to the session (a plan, a copy beside it) goes where nothing is, and stops nothing. */
async function planFile(
  saved: SavedExport,
  file: ManifestFile,
  target: Target,
  { root, force, ctx, progress }: PlanContext,
): Promise<PlannedFile> {
  const isTied = file.tie !== undefined && root.plugin !== null
  const planned = (outcome: PlannedFile["outcome"], why: string | null = null) => ({
    file,
    target,
    outcome,
    why,
  })
  if (target.obstacle !== null) {
    if (isTied) return planned("skipped", target.obstacle)
    throw obstructedError(target.obstacle)
  }
  if (file.rows !== undefined) return planned(await planRowsOutcome(saved, { file, target }, force, ctx))
  const stored = () => readOrDamaged(storedReader(ctx.plugins), saved, file)
  const likeness = target.present === null ? null : await compareWith(target.path, file, stored, progress)
  if (isTied && likeness === "different")
    return planned("skipped", `${showPath(target.path)} exists and differs`) // safety: restore-tied
  const replace =
    likeness === "different" ||
    (likeness === "existing-is-longer" && force && root.plugin !== null && !isTied)
  return planned(replace ? "replaced" : (likeness ?? "restored"))
}

function targetOf(file: ManifestFile, place: DiskPath, { root, ctx }: PlanContext): Target {
  const outside = root.plugin === null ? null : outsidePath(file.relative)
  return outside === null ? targetBelow(root.path, place, root.followed) : outsideTarget(outside, ctx)
}

/** Two files for one place, or one where another needs a folder. */
function assertNoClashes(saved: SavedExport, places: readonly DiskPath[]): void {
  const names = new Set(places.map(showPath))
  const nested = places.find((place) => {
    const parts = (safePathParts(place) ?? []).map(showPath)
    return parts.some((_, level) => level > 0 && names.has(parts.slice(0, level).join("/")))
  })
  if (names.size === places.length && nested === undefined) return
  const message = `${saved.manifestPath} names two files for one path: nothing was written`
  throw new RescueError("DAMAGED", message, "inspect the manifest")
}

function assertMayReplace(files: readonly PlannedFile[], { plugin }: RestoreRoot, force: boolean): void {
  const different = files.filter(({ outcome }) => outcome === "replaced")
  const [first] = different
  if (first === undefined || (force && plugin !== null)) return // safety: restore-force
  const others = different.length > 1 ? ` (and ${different.length - 1} more)` : ""
  throw new RescueError(
    "REFUSED",
    `${showPath(first.target.path)} exists and differs from the export${others}: nothing was written`,
    plugin === null
      ? "give an empty folder: --to /some/folder"
      : "session-rescue restore --force saves the existing file, then replaces it; --to /some/folder unpacks elsewhere",
  )
}

function obstructedError(obstacle: string): RescueError {
  return new RescueError(
    "REFUSED",
    `${obstacle}: nothing was written`,
    "move it away, or unpack elsewhere: --to /some/folder",
  )
}

/**
 * Where in the client's home a recorded file goes, filed under another folder where that is asked for. Throws DAMAGED
 * when that is not a place of the session.
 */
function destinationOf(
  saved: SavedExport,
  recorded: RecordedPath,
  { id, plugin, folder }: RestoreRoot,
): DiskPath {
  const place = placeInHome(recorded, saved.manifest.session.home)
  const why =
    place === null
      ? "leads outside the client's home or is inconsistent"
      : plugin?.ownsPath?.(recorded.relative, id, recorded.tie) === false
        ? "does not belong to that session"
        : null
  const filed =
    place === null || folder === null ? place : (plugin?.refiledPath?.(place, id, folder) ?? place)
  if (filed !== null && why === null) return filed // safety: restore-own-place
  throw new RescueError(
    "DAMAGED",
    `${saved.manifestPath} names ${JSON.stringify(recorded.relative)}, which ${why}: nothing was written`,
    "inspect the manifest; --to /some/folder unpacks what stays below it",
  )
}

/**
 * The same for all of an export's files. Parts of a session can be under several project folders, and two of them may
 * have the same name: when filed under another folder, the transcript's neighbours come first, and a second file of that
 * name stays where it was.
 */
function destinationsOf(saved: SavedExport, root: RestoreRoot): readonly DiskPath[] {
  const { files } = saved.manifest
  if (root.folder === null) return files.map((file) => destinationOf(saved, file, root))
  const main = files.find(({ role }) => role === "transcript")?.relative ?? ""
  const own = main.slice(0, main.lastIndexOf("/") + 1)
  const isOwn = (index: number) => files[index]?.relative.startsWith(own) === true
  const order = [...files.keys()].toSorted((a, b) => Number(isOwn(b)) - Number(isOwn(a)) || a - b)
  const taken = new Set<string>()
  const places = new Map<number, DiskPath>()
  for (const index of order) {
    const file = files[index] as RecordedPath
    const filed = destinationOf(saved, file, root)
    places.set(
      index,
      taken.has(pathKey(filed)) ? destinationOf(saved, file, { ...root, folder: null }) : filed,
    )
    taken.add(pathKey(filed))
  }
  return [...files.keys()].map((index) => places.get(index) ?? "")
}

interface PlannedLink extends LinkPlacement {
  readonly relative: string
  readonly outcome: RestoredLink["outcome"]
  readonly why: string | null
}

/** Only where nothing stands, and only one that stays in the home: a client writes through links. */
function planLink(
  saved: SavedExport,
  link: SavedExport["manifest"]["links"][number],
  root: RestoreRoot,
): PlannedLink {
  const leadsTo = link.targetBase64 === undefined ? link.target : Buffer.from(link.targetBase64, "base64")
  const place = destinationOf(saved, link, root)
  const target = targetBelow(root.path, place, root.followed)
  const planned = (outcome: RestoredLink["outcome"], why: string | null) => {
    return { target, leadsTo, relative: link.relative, outcome, why }
  }
  const there = target.isLink ? linkTarget(target.path) : null
  if (there !== null && samePath(there, leadsTo)) return planned("exists", null)
  if (target.obstacle !== null) return planned("skipped", target.obstacle)
  if (target.present !== null) return planned("skipped", `${showPath(target.path)} is a file`)
  const own = root.plugin !== null && root.homeGone === null ? [saved.manifest.session.home] : []
  // safety: restore-link-inside
  if (!staysInside(place, leadsTo, [root.path, ...own]))
    return planned("skipped", "it leads outside the client's home")
  return planned("created", null)
}

function staysInside(place: DiskPath, leadsTo: DiskPath, homes: readonly string[]): boolean {
  if (typeof leadsTo !== "string") return false
  if (leadsTo.startsWith("/")) {
    return homes.some((home) => leadsTo.startsWith(`${home}/`) && !leadsTo.split("/").includes(".."))
  }
  let depth = (safePathParts(place) ?? []).length - 1
  for (const part of leadsTo.split("/")) {
    if (part === "..") depth--
    else if (part !== "." && part !== "") depth++
    if (depth < 0) return false
  }
  return true
}

/**
 * Where a file goes that lay outside of the home: its old place, if the folder there (`/tmp/claude-1000`) is our own, or
 * can be made. Others may have put theirs under that name.
 */
function outsideTarget(path: string, ctx: RunContext): Target {
  const parts = path.split("/").slice(1)
  const depth = Math.max(
    1,
    parts.findIndex((part) => /^claude(-\d+)?$/.test(part)),
  )
  const above = `/${parts.slice(0, depth).join("/")}`
  const real = ctx.files.real(above)
  const target = targetBelow(real ?? above, parts.slice(depth).join("/"), [])
  const base = inspectDir(`${real ?? above}/${parts[depth]}`)
  const why =
    real === null
      ? `${above} does not exist`
      : base.kind !== "missing" && (base.owner !== ctx.self.uid || (base.mode & 0o022) !== 0)
        ? `others can write to ${above}/${parts[depth]}`
        : null
  return why === null ? target : { ...target, obstacle: target.obstacle ?? why } // safety: restore-outside-own
}
