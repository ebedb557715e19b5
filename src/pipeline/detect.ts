import { RescueError } from "../session/errors.ts"
import type { FoundSession, Session } from "../session/session.ts"
import type { Context } from "./context.ts"
import { detectPlugins } from "./plugins.ts"

/** Every session of every agent (or of the one named). A plugin that fails is reported; the others' count. */
export async function detectAll(ctx: Context, agent: string | null): Promise<readonly FoundSession[]> {
  const plugins = detectPlugins().filter((plugin) => agent === null || plugin.agent === agent)
  if (plugins.length === 0) {
    const known = detectPlugins().map((plugin) => plugin.agent)
    throw new RescueError("USAGE", `no agent is called "${agent}"`, `known: ${known.join(", ")}`)
  }
  const results = await Promise.allSettled(plugins.map((plugin) => plugin.detect(ctx)))
  const failed = results.find((result) => result.status === "rejected")
  if (failed !== undefined && results.length === 1) throw failed.reason
  return results.flatMap((result, index) => {
    if (result.status === "fulfilled") return result.value
    ctx.warn(`the detect plugin ${plugins[index]?.name} failed: ${result.reason}`)
    return []
  })
}

export async function examine(found: FoundSession, ctx: Context): Promise<Session> {
  const plugin = detectPlugins().find((candidate) => candidate.agent === found.agent)
  if (plugin === undefined) throw new Error(`no detect plugin for ${found.agent}`)
  return plugin.examine(found, ctx)
}
