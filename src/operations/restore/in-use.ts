import { showPath } from "../../domain/disk-path.ts"
import { RescueError } from "../../domain/errors.ts"
import type { SavedExport } from "../../domain/export/export.ts"
import type { FoundSession } from "../../domain/session/session.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { detectAll, examine } from "../../pipeline/detect.ts"
import { freshContext } from "../../pipeline/fresh-context.ts"
import { builtInDetectPlugins } from "../../pipeline/plugin-registry.ts"
import type { RunContext } from "../../pipeline/run-context.ts"

/** A session in one home, as something else may be working on it. */
export interface SessionPlace {
  readonly agent: string
  readonly id: SessionId
  readonly home: string
  readonly cwd: string | null
  /** The folder it is to be filed under, where that is another one. */
  readonly folder?: string | null
}

/** The sessions of an agent, at the moment of one look. */
export type ClientsSeen = (agent: string) => readonly FoundSession[]

/** Looks once for all of these exports. */
export async function lookAtClients(exports: readonly SavedExport[], ctx: RunContext): Promise<ClientsSeen> {
  const agents = new Set(exports.map(({ manifest }) => manifest.session.agent))
  const seen = new Map<string, readonly FoundSession[]>()
  for (const agent of agents) {
    const isKnown = builtInDetectPlugins().some((plugin) => plugin.agent === agent)
    if (isKnown) seen.set(agent, await detectAll(freshContext(ctx), agent))
  }
  return (agent) => seen.get(agent) ?? []
}

/** Throws REFUSED while a process holds that session, or one may: a client of its folder that names no session. */
export async function assertNotInUse(
  place: SessionPlace,
  seen: readonly FoundSession[],
  ctx: RunContext,
): Promise<readonly FoundSession[]> {
  const here = seen.filter((found) => isSameHome(found, place, ctx))
  for (const found of here) {
    if (found.process === null) continue
    const { pid, terminal } = found.process
    const named = [found, ...found.candidates].some(({ id }) => id === place.id)
    const likely = !named && found.id === null && isSameFolder(place, (await examine(found, ctx)).cwd) // safety: restore-likely
    if (!named && !likely) continue // safety: restore-held
    const who = `process ${pid}${terminal === null ? "" : ` on ${terminal}`}`
    throw new RescueError(
      "REFUSED",
      named
        ? `${who} holds this session: nothing was written`
        : `${who} runs in its folder and may hold this session: nothing was written`,
      `save and end it first: session-rescue --kill ${terminal ?? pid}   (or unpack elsewhere: --to /some/folder)`,
    )
  }
  return here.filter(({ id }) => id === place.id)
}

function isSameFolder({ cwd, folder }: SessionPlace, where: string | null): boolean {
  return where === cwd || (folder != null && where === folder)
}

/** Throws REFUSED while a file of it changes though no process here holds it: written from elsewhere. */
export async function assertNotGrowing(sessions: readonly FoundSession[], ctx: RunContext): Promise<void> {
  const footprints = await Promise.all(sessions.map((found) => examine(found, ctx)))
  const files = footprints.flatMap(({ footprint }) => footprint)
  if (files.length === 0) return
  const before = files.map(({ path }) => ctx.files.stat(path))
  await ctx.resample()
  for (const [index, { path }] of files.entries()) {
    const now = ctx.files.stat(path)
    const then = before[index]
    if (now?.size === then?.size && now?.modifiedAt === then?.modifiedAt) continue // safety: restore-growing
    throw new RescueError(
      "REFUSED",
      `${showPath(path)} is being written, but no process here holds it: nothing was written`,
      "a container or another machine shares this home: end its client there (or: --to /some/folder)",
    )
  }
}

export function isSameHome(
  { home }: FoundSession,
  place: { readonly home: string },
  ctx: RunContext,
): boolean {
  return home === place.home || (ctx.files.real(home) ?? home) === (ctx.files.real(place.home) ?? place.home)
}
