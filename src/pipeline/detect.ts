import { isAgent } from "../domain/agent-name.ts"
import { pathKey } from "../domain/disk-path.ts"
import { RescueError } from "../domain/errors.ts"
import type { FoundSession, Session } from "../domain/session/session.ts"
import type { DetectPlugin } from "../sdk/contracts.ts"
import { builtInDetectPlugins } from "./plugin-registry.ts"
import type { RunContext } from "./run-context.ts"

/**
 * All sessions of all agents (or of the given one). A failing plugin is reported and the results of the
 * others are kept. Throws only when no built-in plugin could search.
 */
export async function detectAll(ctx: RunContext, agent: string | null): Promise<readonly FoundSession[]> {
  const wanted = matchesAgent(agent)
  const builtIn = builtInDetectPlugins().filter(wanted)
  await ctx.plugins.launchLookers()
  const looks = builtIn.map((plugin) => plugin.detect(ctx)) // runs while user plugins load
  looks.forEach((look) => void look.catch(() => {}))
  const users = (await ctx.plugins.userDetectPlugins()).filter(wanted)
  const plugins = [...builtIn, ...users]
  if (plugins.length === 0) {
    const known = [...builtInDetectPlugins(), ...(await ctx.plugins.userDetectPlugins())].map(
      (plugin) => plugin.agent,
    )
    throw new RescueError("USAGE", `unknown agent: "${agent}"`, `known: ${known.join(", ")}`)
  }
  const results = await Promise.allSettled([...looks, ...users.map((plugin) => plugin.detect(ctx))])
  const failed = results.find((result) => result.status === "rejected")
  const seen = results.slice(0, builtIn.length).some((result) => result.status === "fulfilled")
  if (failed !== undefined && !seen && builtIn.length > 0) throw failed.reason
  return dropDuplicates(
    results.map((result, index) => {
      const { name } = plugins[index] as DetectPlugin
      if (result.status === "fulfilled") return { name, found: result.value }
      ctx.warn(`the detect plugin ${name} failed: ${result.reason}`)
      return { name, found: [] }
    }),
    ctx,
  )
}

/**
 * The sessions on disk of all agents (or of the given one) whose records this version can read, in batches.
 * Sessions of user plugins are not included: such a plugin finds sessions but cannot interpret their records.
 */
export async function* storedSessions(
  ctx: RunContext,
  agent: string | null,
): AsyncGenerator<readonly FoundSession[]> {
  for (const plugin of builtInDetectPlugins().filter(matchesAgent(agent))) {
    if (plugin.storedSessions !== undefined) yield* plugin.storedSessions(ctx)
  }
}

function matchesAgent(agent: string | null): (plugin: DetectPlugin) => boolean {
  return (plugin) => agent === null || isAgent(agent, plugin.agent)
}

/**
 * Drops sessions that an earlier plugin has already found; otherwise one transcript would be listed for two
 * agents.
 */
function dropDuplicates(
  results: readonly { readonly name: string; readonly found: readonly FoundSession[] }[],
  ctx: RunContext,
): readonly FoundSession[] {
  const [most, ...others] = results.toSorted((a, b) => b.found.length - a.found.length)
  // of tens of thousands of sessions, only those need a key that another plugin may have found
  const shared = new Set(others.flatMap(({ found }) => found.flatMap(occupiedKeys)))
  if (shared.size === 0) return most?.found ?? []
  const known = new Map<string, string>()
  return results.flatMap(({ name, found }) =>
    found.filter((session) => {
      const places = occupiedKeys(session).filter((place) => shared.has(place))
      const other = places.map((place) => known.get(place)).find((by) => by !== undefined && by !== name)
      for (const place of places) if (!known.has(place)) known.set(place, name)
      if (other !== undefined) ctx.warn(`${name} found a session that ${other} had found: it is listed once`)
      return other === undefined
    }),
  )
}

function occupiedKeys({ transcript, process }: FoundSession): string[] {
  const at = transcript === null ? [] : [`at ${pathKey(transcript)}`]
  return process === null ? at : [...at, `of ${process.pid}`]
}

export async function examine(found: FoundSession, ctx: RunContext): Promise<Session> {
  const plugin =
    builtInDetectPlugins().find((candidate) => candidate.agent === found.agent) ??
    (await ctx.plugins.userDetectPlugins()).find((candidate) => candidate.agent === found.agent)
  if (plugin === undefined) throw new Error(`no detect plugin for ${found.agent}`)
  return plugin.examine(found, ctx)
}
