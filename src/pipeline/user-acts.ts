import { isRescueError, RescueError } from "../domain/errors.ts"
import { silent } from "../domain/progress.ts"
import { save } from "../rescue/export/save.ts"
import type { ActPlugin, ClassifiedSession } from "../sdk/contracts.ts"
import type { ExportOptions } from "./export-sessions.ts"
import type { PluginRegistry } from "./plugin-registry.ts"
import { storedReader } from "./read-stored.ts"
import type { RunContext } from "./run-context.ts"

export interface ActReport {
  readonly results: readonly { readonly session: ClassifiedSession; readonly result: unknown }[]
  readonly failures: readonly { readonly session: ClassifiedSession; readonly error: RescueError }[]
  readonly interrupted: boolean
}

/** The act plugin with this name; the built-in ones have their own commands. */
export async function findActPlugin(name: string, registry: PluginRegistry): Promise<ActPlugin> {
  const plugins = await registry.userActPlugins()
  const plugin = plugins.find((each) => each.name === name)
  if (plugin !== undefined) return plugin
  const known = plugins.map((each) => each.name).join(", ") || "none"
  throw new RescueError(
    "PLUGIN_NOT_FOUND",
    `no act plugin of yours is called "${name}" (known: ${known})`,
    "see why: session-rescue plugin list",
  )
}

/** Runs one session after another; a failure does not stop the others. */
export async function actOnAll(
  plugin: ActPlugin,
  sessions: readonly ClassifiedSession[],
  ctx: RunContext,
  { paths, version, md5 }: Pick<ExportOptions, "paths" | "version" | "md5">,
): Promise<ActReport> {
  const results: { session: ClassifiedSession; result: unknown }[] = []
  const failures: { session: ClassifiedSession; error: RescueError }[] = []
  const progress = silent(ctx.signal)
  const saving = {
    ...paths,
    md5,
    unchanged: "read" as const,
    version,
    now: () => new Date(),
    progress,
    warn: ctx.warn,
    readStored: storedReader(ctx.plugins),
  }
  for (const session of sessions) {
    if (ctx.signal.aborted) return { results, failures, interrupted: true }
    try {
      const result = await plugin.act(session, { ...ctx, save: (plan) => save(plan, saving) })
      results.push({ session, result })
    } catch (thrown) {
      if (ctx.signal.aborted) return { results, failures, interrupted: true }
      failures.push({ session, error: isRescueError(thrown) ? thrown : actFailure(plugin, thrown) })
    }
  }
  return { results, failures, interrupted: false }
}

function actFailure(plugin: ActPlugin, thrown: unknown): RescueError {
  const message = thrown instanceof Error ? thrown.message : String(thrown)
  return new RescueError(
    "PLUGIN_FAILED",
    `the plugin ${plugin.name} failed: ${message}`,
    `session-rescue plugin check ${plugin.name}`,
  )
}
