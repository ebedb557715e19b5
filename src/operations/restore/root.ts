import { resolve } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import { parseExportName } from "../../domain/export/export.ts"
import { parseSessionId, type SessionId } from "../../domain/session/session-id.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import type { DetectPlugin } from "../../sdk/contracts.ts"

/** Where an export goes, and what may go there. */
export interface RestoreRoot {
  readonly id: SessionId
  readonly path: string
  /** Folders of the first level that may be links. */
  readonly followed: readonly string[]
  readonly homeGone: string | null
  /** null for a folder of the person's own choice. */
  readonly plugin: DetectPlugin | null
  /** The folder that the session is to be filed under, instead of the one it was. */
  readonly folder: string | null
}

interface RootOptions {
  readonly to: string | null
  readonly folder: string | null
  /** It comes from another machine: only the person's own homes count, whatever else is there. */
  readonly ownHome?: boolean
}

/** The home it came from; where that is gone the client's own; or the folder named with `to`. */
export function resolveRoot(
  saved: SavedExport,
  { to, folder, ownHome = false }: RootOptions,
  ctx: RunContext,
): RestoreRoot {
  const { session } = saved.manifest
  const id = parseSessionId(session.id)
  if (id === null || parseExportName(saved.name)?.id !== id) {
    const message = `${saved.manifestPath} does not describe the session in its file name`
    throw new RescueError("DAMAGED", message, "inspect the manifest")
  }
  if (to !== null)
    return { id, path: unpackFolder(to, ctx), followed: [], homeGone: null, plugin: null, folder: null }
  const plugin = builtInDetectPlugins().find((each) => each.agent === session.agent)
  if (plugin?.homes === undefined || plugin.ownsPath === undefined) {
    const message = `sessions of "${session.agent}" cannot be restored here`
    throw new RescueError("REFUSED", message, "unpack it: --to /some/folder")
  }
  const homes = plugin.homes(ctx)
  const known = ownHome ? homes.includes(session.home) : isExistingHome(session.home, homes, ctx)
  const home = known ? session.home : homes[0]
  if (home === undefined) throw new Error(`the plugin ${plugin.name} has no home`)
  const path = ctx.files.real(home) ?? home
  if ((ctx.files.stat(path)?.kind ?? "folder") !== "folder") throw notAFolderError(path)
  const homeGone = home === session.home ? null : session.home
  return { id, path, followed: ["projects"], homeGone, plugin, folder: resolveNewFolder(folder, plugin, ctx) }
}

/** Whether a home is still there: one that is named here, or that looks like one all the same. */
function isExistingHome(home: string, named: readonly string[], { files, self }: RunContext): boolean {
  const real = home.startsWith("/") ? files.real(home) : null
  const look = real === null ? null : files.stat(real)
  if (look?.kind !== "folder") return false
  return named.includes(home) || (look.owner === self.uid && files.stat(`${real}/projects`) !== null)
}

/** A client started there sees itself where links end: by that name it files its sessions. */
function resolveNewFolder(
  named: string | null,
  plugin: DetectPlugin,
  { files, paths }: RunContext,
): string | null {
  if (named === null) return null
  if (plugin.refiledPath === undefined) {
    const message = `sessions of "${plugin.agent}" are not stored by folder`
    throw new RescueError("USAGE", message, "omit --folder")
  }
  const typed = resolve(named.replace(/^~(?=\/|$)/, paths.home))
  const path = files.real(typed)
  if (path !== null && files.stat(path)?.kind === "folder") return path
  throw new RescueError(
    "USAGE",
    `${typed} is not a folder`,
    "give an existing folder in which the client will continue",
  )
}

function unpackFolder(to: string, ctx: RunContext): string {
  const named = resolve(to)
  const path = ctx.files.real(named) ?? named
  if ((ctx.files.stat(path)?.kind ?? "folder") !== "folder") throw notAFolderError(named)
  for (const home of builtInDetectPlugins().flatMap((plugin) => plugin.homes?.(ctx) ?? [])) {
    const real = ctx.files.real(home) ?? home
    if (path !== real && !path.startsWith(`${real}/`)) continue
    const message = `${named} is in a client's home, where --to does not check for running sessions`
    throw new RescueError("USAGE", message, "omit --to; the session is restored to its own location")
  }
  return path
}

function notAFolderError(path: string): RescueError {
  return new RescueError(
    "UNSAFE_FOLDER",
    `${path} is not a folder`,
    "move it away, or use: --to /some/folder",
  )
}
