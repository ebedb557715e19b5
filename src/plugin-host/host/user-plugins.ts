import { RescueError } from "../../domain/errors.ts"
import type { Plugin, Stage } from "../../sdk/contracts.ts"
import { defaultSettings, type PluginSettings } from "../../system/config/plugin-settings.ts"
import { type GuestFacts, timeLimits } from "../protocol/messages.ts"
import { readOptions } from "../protocol/options.ts"
import { readShape, type Shape } from "../protocol/plugin-shape.ts"
import type { Discovered } from "./discover.ts"
import { Crew, type Member } from "./worker-pool.ts"

const longestReason = 1000

/** What these fail on is told with it, and they are asked about the next. */
const oneByOne: ReadonlySet<Stage> = new Set(["act", "archive"])

export interface UserPlugin extends Member {
  readonly settings: PluginSettings
  /** null: it was not loaded, or refused. */
  shape: Shape | null
  state: "loaded" | "off" | "refused" | "failed"
  why: string | null
  mend: string | null
}

/** Users' plugins of some stages, and what has become of each. */
export interface UserPlugins {
  readonly all: readonly UserPlugin[]
  /** Those that can be asked. */
  loaded(stage: Stage): readonly UserPlugin[]
  readonly crew: Crew
}

/**
 * Loads what was discovered. One that is switched off is not loaded at all; one that cannot be trusted, loaded, or is
 * not what its place says is left out, and said to be.
 */
export async function loadUserPlugins(
  discovered: readonly Discovered[],
  settings: ReadonlyMap<string, PluginSettings>,
  builtIn: readonly Plugin[],
  facts: GuestFacts,
  notice: { leftOut(plugin: UserPlugin): void; warn(message: string): void; launched?(): void },
): Promise<UserPlugins> {
  const all = discovered.map((each) => entryOf(each, settings.get(each.name) ?? defaultSettings))
  const agents = new Set(builtIn.flatMap((plugin) => (plugin.stage === "detect" ? [plugin.agent] : [])))
  const byKey = new Map(all.map((each) => [each.key, each]))
  const leaveOut = (plugin: UserPlugin, state: "refused" | "failed", why: string, mend: string | null) => {
    Object.assign(plugin, { state, why: why.slice(0, longestReason), mend })
    notice.leftOut(plugin)
  }
  for (const each of all) if (each.state === "refused") leaveOut(each, "refused", each.why ?? "", each.mend)
  const crew = new Crew(
    all.filter((each) => each.state === "loaded"),
    facts,
    {
      loaded(member, value) {
        const plugin = byKey.get(member.key)
        const shape = readShape(value, member.name, member.stage)
        if (plugin === undefined || typeof shape === "string") return String(shape)
        if (shape.agent !== undefined && agents.has(shape.agent)) {
          return `the agent "${shape.agent}" is looked after by another plugin`
        }
        if (shape.agent !== undefined) agents.add(shape.agent)
        plugin.shape = shape
        plugin.options = readOptions(plugin.settings.options, shape.options ?? {}, (message) =>
          notice.warn(`config.toml, [plugins.${plugin.name}]: ${message}`),
        )
        return null
      },
      fails(member, why, mend) {
        const plugin = byKey.get(member.key)
        if (plugin === undefined) return
        if (plugin.shape === null) leaveOut(plugin, "refused", why, mend)
        else if (oneByOne.has(plugin.stage)) plugin.why = why.slice(0, longestReason)
        else leaveOut(plugin, "failed", why, mend)
      },
    },
  )
  const loading = crew.load()
  notice.launched?.()
  await loading
  return {
    all,
    crew,
    loaded: (stage) => all.filter((each) => each.stage === stage && each.state === "loaded"),
  }
}

function entryOf({ name, stage, path, refused }: Discovered, settings: PluginSettings): UserPlugin {
  const state = !settings.enabled ? "off" : refused === null ? "loaded" : "refused"
  return {
    key: `${stage}/${name}/${path.split("/").at(-1)}`,
    name,
    stage,
    path,
    settings,
    timeoutMs: settings.timeoutMs ?? timeLimits[stage],
    options: {},
    shape: null,
    state,
    why: settings.enabled ? (refused?.reason ?? null) : "switched off in config.toml",
    mend: settings.enabled ? (refused?.mend ?? null) : null,
  }
}

export function sayLeftOut({ stage, name, why, mend }: UserPlugin): string {
  return `the ${stage} plugin ${name} was left out: ${why}${mend === null ? "" : ` (${mend})`}`
}

export function failed(plugin: UserPlugin, what: string): RescueError {
  return new RescueError(
    "PLUGIN_FAILED",
    `the plugin ${plugin.name} ${what}${plugin.why === null ? "" : `: ${plugin.why}`}`,
    `try it by itself: session-rescue plugin check ${plugin.path}`,
  )
}
