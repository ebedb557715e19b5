import { resolve } from "node:path"
import { RescueError } from "../session/errors.ts"
import type { SavedExport } from "../session/export.ts"
import { parseExportName } from "../session/export.ts"
import { parseSessionId, type SessionId } from "../session/session-id.ts"
import type { Context } from "./context.ts"
import { builtInDetectPlugins } from "./plugins.ts"
import type { DetectPlugin } from "./stages.ts"

/** Where an export goes, and what may go there. */
export interface Root {
  readonly id: SessionId
  readonly path: string
  /** Folders of the first level that may be links. */
  readonly followed: readonly string[]
  readonly homeGone: string | null
  /** null for a folder of the person's own choice. */
  readonly plugin: DetectPlugin | null
}

/** The home it came from; where that is gone the client's own; or the folder named. */
export function rootOf(saved: SavedExport, to: string | null, ctx: Context): Root {
  const { session } = saved.manifest
  const id = parseSessionId(session.id)
  if (id === null || parseExportName(saved.name)?.id !== id) {
    const message = `${saved.manifestPath} is the manifest of another session than its name says`
    throw new RescueError("DAMAGED", message, "look at it by hand")
  }
  if (to !== null) return { id, path: folderFor(to, ctx), followed: [], homeGone: null, plugin: null }
  const plugin = builtInDetectPlugins().find((each) => each.agent === session.agent)
  if (plugin?.homes === undefined || plugin.mayHold === undefined) {
    const message = `sessions of "${session.agent}" cannot be put back here`
    throw new RescueError("REFUSED", message, "unpack it: --to /some/folder")
  }
  const homes = plugin.homes(ctx)
  const known = isHome(session.home, homes, ctx)
  const home = known ? session.home : homes[0]
  if (home === undefined) throw new Error(`the plugin ${plugin.name} knows no home`)
  const path = ctx.files.real(home) ?? home
  if ((ctx.files.look(path)?.kind ?? "folder") !== "folder") throw noFolder(path)
  return { id, path, followed: ["projects"], homeGone: home === session.home ? null : session.home, plugin }
}

/** Whether a home is still there: one that is named here, or that looks like one all the same. */
function isHome(home: string, named: readonly string[], { files, self }: Context): boolean {
  const real = home.startsWith("/") ? files.real(home) : null
  const look = real === null ? null : files.look(real)
  if (look?.kind !== "folder") return false
  return named.includes(home) || (look.owner === self.uid && files.look(`${real}/projects`) !== null)
}

function folderFor(to: string, ctx: Context): string {
  const named = resolve(to)
  const path = ctx.files.real(named) ?? named
  if ((ctx.files.look(path)?.kind ?? "folder") !== "folder") throw noFolder(named)
  for (const home of builtInDetectPlugins().flatMap((plugin) => plugin.homes?.(ctx) ?? [])) {
    const real = ctx.files.real(home) ?? home
    if (path !== real && !path.startsWith(`${real}/`)) continue
    const message = `${named} is in a client's home, where --to looks at nothing that runs`
    throw new RescueError("USAGE", message, "leave --to away: it goes to the right place there by itself")
  }
  return path
}

function noFolder(path: string): RescueError {
  return new RescueError(
    "UNSAFE_FOLDER",
    `${path} is not a folder`,
    "move it away, or use: --to /some/folder",
  )
}
