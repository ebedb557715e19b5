import { RescueError } from "../../domain/errors.ts"
import type { Plugin, Stage } from "../../sdk/contracts.ts"
import { defaultSettings, type PluginSettings } from "../../system/config/plugin-settings.ts"
import { timeLimits, type WorkerFacts } from "../protocol/messages.ts"
import { readOptions } from "../protocol/options.ts"
import { type PluginMeta, parseMeta } from "../protocol/plugin-shape.ts"
import type { DiscoveredPlugin } from "./discover.ts"
import { type PluginEntry, WorkerPool } from "./worker-pool.ts"

const maxReasonLength = 1000

/** A failure of these stages concerns one session only; the plugin stays enabled. */
const recoveringStages: ReadonlySet<Stage> = new Set(["act", "archive", "store", "sink"])

export interface UserPlugin extends PluginEntry {
  readonly settings: PluginSettings
  /** null: not loaded, or rejected. */
  meta: PluginMeta | null
  state: "loaded" | "off" | "refused" | "failed"
  why: string | null
  fix: string | null
}

/** The user plugins of some stages and their status. */
export interface UserPlugins {
  readonly all: readonly UserPlugin[]
  /** The plugins that can be called. */
  loaded(stage: Stage): readonly UserPlugin[]
  readonly pool: WorkerPool
}

/**
 * Loads the discovered plugins. A disabled plugin is not loaded at all; one that is not trusted, fails to
 * load or does not match its stage is left out with a warning.
 */
export async function loadUserPlugins(
  discovered: readonly DiscoveredPlugin[],
  settings: ReadonlyMap<string, PluginSettings>,
  builtIn: readonly Plugin[],
  facts: WorkerFacts,
  notice: { leftOut(plugin: UserPlugin): void; warn(message: string): void; launched?(): void },
): Promise<UserPlugins> {
  const all = discovered.map((each) => toUserPlugin(each, settings.get(each.name) ?? defaultSettings))
  const agents = new Set(builtIn.flatMap((plugin) => (plugin.stage === "detect" ? [plugin.agent] : [])))
  const byKey = new Map(all.map((each) => [each.key, each]))
  const disable = (plugin: UserPlugin, state: "refused" | "failed", why: string, fix: string | null) => {
    Object.assign(plugin, { state, why: why.slice(0, maxReasonLength), fix })
    notice.leftOut(plugin)
  }
  for (const each of all) if (each.state === "refused") disable(each, "refused", each.why ?? "", each.fix)
  const pool = new WorkerPool(
    all.filter((each) => each.state === "loaded"),
    facts,
    {
      onLoaded(member, value) {
        const plugin = byKey.get(member.key)
        const shape = parseMeta(value, member.name, member.stage)
        if (plugin === undefined || typeof shape === "string") return String(shape)
        if (shape.agent !== undefined && agents.has(shape.agent)) {
          return `the agent "${shape.agent}" is handled by another plugin`
        }
        if (shape.agent !== undefined) agents.add(shape.agent)
        plugin.meta = shape
        plugin.options = readOptions(plugin.settings.options, shape.options ?? {}, (message) =>
          notice.warn(`config.toml, [plugins.${plugin.name}]: ${message}`),
        )
        return null
      },
      onFailure(member, why, fix) {
        const plugin = byKey.get(member.key)
        if (plugin === undefined) return
        if (plugin.meta === null) disable(plugin, "refused", why, fix)
        else if (recoveringStages.has(plugin.stage)) plugin.why = why.slice(0, maxReasonLength)
        else disable(plugin, "failed", why, fix)
      },
    },
  )
  const loading = pool.load()
  notice.launched?.()
  await loading
  return {
    all,
    pool,
    loaded: (stage) => all.filter((each) => each.stage === stage && each.state === "loaded"),
  }
}

function toUserPlugin(
  { name, stage, path, refused }: DiscoveredPlugin,
  settings: PluginSettings,
): UserPlugin {
  const state = !settings.enabled ? "off" : refused === null ? "loaded" : "refused"
  return {
    key: `${stage}/${name}/${path.split("/").at(-1)}`,
    name,
    stage,
    path,
    settings,
    timeoutMs: settings.timeoutMs ?? timeLimits[stage],
    options: {},
    meta: null,
    state,
    why: settings.enabled ? (refused?.reason ?? null) : "switched off in config.toml",
    fix: settings.enabled ? (refused?.fix ?? null) : null,
  }
}

export function formatSkipped({ stage, name, why, fix }: UserPlugin): string {
  return `the ${stage} plugin ${name} was left out: ${why}${fix === null ? "" : ` (${fix})`}`
}

export function pluginFailure(plugin: UserPlugin, what: string): RescueError {
  return new RescueError(
    "PLUGIN_FAILED",
    `the plugin ${plugin.name} ${what}${plugin.why === null ? "" : `: ${plugin.why}`}`,
    `try it by itself: session-rescue plugin check ${plugin.path}`,
  )
}
