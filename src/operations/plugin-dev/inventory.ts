import { builtInList as builtIn } from "../../pipeline/plugin-registry.ts"
import type { DiscoveredPlugin } from "../../plugin-host/host/discover.ts"
import { workerFactsOf } from "../../plugin-host/host/load.ts"
import { loadUserPlugins, type UserPlugin } from "../../plugin-host/host/user-plugins.ts"
import type { UserScope } from "../../plugin-host/protocol/loaded-plugin.ts"
import { endAtExit } from "../../plugin-host/running-workers.ts"
import { type Stage, stages } from "../../sdk/contracts.ts"
import { discoverAll } from "./find.ts"

export interface PluginRow {
  readonly name: string
  readonly stage: Stage
  readonly source: "built-in" | "user"
  readonly state: UserPlugin["state"]
  /** Why it is not loaded, and how to fix that. */
  readonly why: string | null
  readonly fix: string | null
  readonly path: string | null
}

/** All plugins; user plugins are loaded to find out whether they load. */
export async function listPlugins(
  scope: Pick<UserScope, "paths" | "settings" | "ctx">,
): Promise<readonly PluginRow[]> {
  const found = discoverAll(scope)
  const users = await loadDiscovered(found, scope)
  const ours = builtIn.map(({ name, stage }): PluginRow => {
    const off = stage === "post-process" && scope.settings.get(name)?.enabled === false
    const [state, why] = off ? (["off", "switched off in config.toml"] as const) : (["loaded", null] as const)
    return { name, stage, source: "built-in", state, why, fix: null, path: null }
  })
  const theirs = users.all.map(({ name, stage, state, why, fix, path }): PluginRow => {
    return { name, stage, source: "user", state, why, fix, path }
  })
  users.pool.end()
  return stages.flatMap((stage) => [...theirs, ...ours].filter((row) => row.stage === stage))
}

export async function loadDiscovered(
  found: readonly DiscoveredPlugin[],
  scope: Pick<UserScope, "paths" | "settings" | "ctx">,
) {
  const notice = { leftOut() {}, warn: (message: string) => scope.ctx.warn(message) }
  const users = await loadUserPlugins(found, scope.settings, builtIn, workerFactsOf(scope), notice)
  endAtExit(users.pool)
  return users
}
