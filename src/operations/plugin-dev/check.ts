/** Plugin development: create, list and check the user's own plugins. */
import type { UserScope } from "../../plugin-host/protocol/loaded-plugin.ts"
import { discoverAll, discoverNamed } from "./find.ts"
import { loadDiscovered, type PluginRow } from "./inventory.ts"
import { makeSample } from "./sample.ts"
import { checkRun } from "./trial.ts"

export interface CheckRow extends PluginRow {
  readonly ok: boolean
  /** What the plugin did with the sample. */
  readonly did: string | null
  readonly says: readonly string[]
}

/** Loads the user's plugins (or those given by name or path) and runs each on a temporary sample. */
export async function checkPlugins(
  wanted: readonly string[],
  scope: Pick<UserScope, "paths" | "settings" | "ctx">,
): Promise<readonly CheckRow[]> {
  const found =
    wanted.length === 0 ? discoverAll(scope) : wanted.flatMap((name) => discoverNamed(name, scope))
  if (found.length === 0) return []
  const users = await loadDiscovered(found, scope)
  const sample = await makeSample(scope.ctx.signal, [])
  try {
    const rows: CheckRow[] = []
    for (const plugin of users.all) {
      const says: string[] = []
      let did: string | null = null
      if (plugin.state === "loaded") {
        try {
          did = await checkRun(plugin, users, sample, (message) => says.push(message))
        } catch (error) {
          Object.assign(plugin, { state: "failed", why: plugin.why ?? (error as Error).message })
        }
      }
      const { name, stage, state, why, fix, path } = plugin
      rows.push({ name, stage, source: "user", state, why, fix, path, ok: state === "loaded", did, says })
    }
    return rows
  } finally {
    users.pool.end()
    sample.remove()
  }
}
