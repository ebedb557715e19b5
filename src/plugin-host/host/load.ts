import { type Plugin, type Stage, stages } from "../../sdk/contracts.ts"
import type { UserScope } from "../protocol/loaded-plugin.ts"
import type { WorkerFacts } from "../protocol/messages.ts"
import { readOptions } from "../protocol/options.ts"
import { endAtExit } from "../running-workers.ts"
import { discover } from "./discover.ts"
import { formatSkipped, loadUserPlugins, type UserPlugin, type UserPlugins } from "./user-plugins.ts"

/**
 * Finds and loads the user plugins of these stages; null when there are none. `launched` is called once their
 * worker process has started.
 */
export async function openUserPlugins(
  scope: UserScope,
  wanted: readonly Stage[],
  builtIn: readonly Plugin[],
  launched: () => void,
): Promise<UserPlugins | null> {
  const { paths, settings, ctx } = scope
  const names = new Set(builtIn.map((plugin) => plugin.name))
  warnOfUnknownSections(scope, builtIn, names)
  const found = wanted.flatMap((stage) => discover(stage, paths.config, paths.home, names))
  if (found.length === 0) return null
  const warn = (message: string) => ctx.warn(message)
  const leftOut = (plugin: UserPlugin) => warn(formatSkipped(plugin))
  const users = await loadUserPlugins(found, settings, builtIn, workerFactsOf(scope), {
    warn,
    leftOut,
    launched,
  })
  ctx.signal.addEventListener("abort", () => users.pool.end(), { once: true })
  endAtExit(users.pool)
  return users
}

export function workerFactsOf({ ctx }: Pick<UserScope, "ctx">): WorkerFacts {
  return {
    paths: ctx.paths,
    homes: ctx.homes,
    now: ctx.now,
    hungAfterMs: ctx.hungAfterMs,
    self: { pid: ctx.self.pid, uid: ctx.self.uid },
  }
}

/** Warns of config sections for unknown plugins, and of settings that a built-in plugin does not support. */
function warnOfUnknownSections(
  { paths, settings, ctx }: UserScope,
  builtIn: readonly Plugin[],
  names: ReadonlySet<string>,
): void {
  if (settings.size === 0) return
  const say = (name: string, message: string) => ctx.warn(`config.toml, [plugins.${name}]: ${message}`)
  const users = new Set(
    stages.flatMap((stage) => discover(stage, paths.config, paths.home, names).map(({ name }) => name)),
  )
  for (const [name, { enabled, options }] of settings) {
    const ours = builtIn.find((plugin) => plugin.name === name)
    if (ours === undefined && !users.has(name))
      say(name, `there is no plugin with that name in ${paths.config}/plugins`)
    if (ours === undefined) continue
    if (!enabled && ours.stage !== "post-process") say(name, "a part of session-rescue; it stays on")
    readOptions(options, ours.options ?? {}, (message) => say(name, message))
  }
}
