import { existsSync } from "node:fs"
import { builtInPlugins } from "../../plugins/index.generated.ts"
import type { UserPlugins } from "../plugin-host/host/user-plugins.ts"
import type { LoadedPlugin, UserScope } from "../plugin-host/protocol/loaded-plugin.ts"
import { readOptions } from "../plugin-host/protocol/options.ts"
import { endUserPlugins } from "../plugin-host/running-workers.ts"
import type {
  ActPlugin,
  ArchivePlugin,
  ClassifyPlugin,
  DetectPlugin,
  Plugin,
  PostProcessPlugin,
  Stage,
} from "../sdk/contracts.ts"

const tiers = { pre: 0, normal: 1, post: 2 } as const
type Tier = keyof typeof tiers

export const builtInList: readonly Plugin[] = builtInPlugins
const all = builtInList

let scope: UserScope | null = null
const loads = new Map<string, Promise<UserPlugins | null>>()

/** Until this is called there are only built-in plugins. */
export function allowUserPlugins(allowed: UserScope | null): void {
  scope = allowed
  endUserPlugins() // a menu looks anew with every choice: those of its last look are done
  loads.clear()
}

/** null where there is nothing to load; then nothing of the host is loaded either. */
function usersOf(stages: readonly Stage[], launched?: () => void): Promise<UserPlugins | null> {
  const key = stages.join()
  const known = loads.get(key)
  if (known !== undefined) return known
  const load =
    scope === null || (!existsSync(`${scope.paths.config}/plugins`) && scope.settings.size === 0)
      ? Promise.resolve(null)
      : loadFor(scope, stages, launched)
  loads.set(key, load)
  return load
}

async function loadFor(allowed: UserScope, stages: readonly Stage[], launched = () => {}) {
  const { openUserPlugins } = await import("../plugin-host/host/load.ts")
  return openUserPlugins(allowed, stages, all, launched)
}

/** Comes when the process of users' plugins that look is under way: it loads them while we look ourselves. */
export function launchLookers(): Promise<unknown> {
  const { promise, resolve } = Promise.withResolvers<void>()
  return Promise.race([promise, lookers(resolve)])
}

/** Plugins that look at sessions share one process; both stages are loaded at once. */
const lookers = (launched?: () => void) =>
  usersOf(
    (["detect", "classify"] as const).filter((stage) => scope?.looks.includes(stage)),
    launched,
  )

const detecting = all.filter((plugin) => plugin.stage === "detect")

export function builtInDetectPlugins(): readonly DetectPlugin[] {
  return detecting
}

export async function userDetectPlugins(): Promise<readonly DetectPlugin[]> {
  const users = await lookers()
  const loaded = users?.loaded("detect") ?? []
  if (users === null || loaded.length === 0) return []
  const { detectProxy } = await import("../plugin-host/proxies/detect.ts")
  return loaded.map((plugin) => detectProxy(plugin, users))
}

export interface Classifier {
  readonly plugin: ClassifyPlugin
  readonly source: "built-in" | "user"
}

/** In the order in which they are asked: in each tier users' before ours. */
export async function classifyPlugins(): Promise<readonly Classifier[]> {
  const users = await lookers()
  const loaded = users?.loaded("classify") ?? []
  const ours = all
    .filter((plugin) => plugin.stage === "classify")
    .map((plugin) => ({ tier: tierOf(plugin), plugin: { plugin, source: "built-in" as const } }))
  if (users === null || loaded.length === 0) return inTiers<Classifier>([], ours)
  const { classifyProxy } = await import("../plugin-host/proxies/classify.ts")
  const byTier = Map.groupBy(loaded, (plugin) => plugin.settings.order ?? plugin.shape?.order ?? "normal")
  const theirs = [...byTier].map(([tier, plugins]) => {
    return { tier, plugin: { plugin: classifyProxy(plugins, users), source: "user" as const } }
  })
  return inTiers<Classifier>(theirs, ours)
}

/** In the order in which they are run. */
export async function postProcessPlugins(): Promise<readonly LoadedPlugin<PostProcessPlugin>[]> {
  const users = await usersOf(["post-process"])
  const theirs = (users?.loaded("post-process") ?? []).map((user) => {
    const { name, shape, settings, path, options } = user
    const plugin: PostProcessPlugin = {
      name,
      stage: "post-process",
      on: shape?.on ?? "export",
      run: () => Promise.reject(new Error("a user's plugin is run in a process of its own: runPostProcess")),
    }
    const loaded: LoadedPlugin<PostProcessPlugin> = {
      plugin,
      source: "user",
      path,
      timeoutMs: settings.timeoutMs,
      options,
    }
    return { tier: settings.order ?? shape?.order ?? ("normal" as const), plugin: loaded }
  })
  const ours = all.filter((plugin) => plugin.stage === "post-process" && isOn(plugin.name))
  return inTiers(
    theirs,
    ours.map((plugin) => ({ tier: tierOf(plugin), plugin: builtIn(plugin as PostProcessPlugin) })),
  )
}

export async function archivePlugins(): Promise<readonly LoadedPlugin<ArchivePlugin>[]> {
  const ours = all.filter((plugin) => plugin.stage === "archive").map(builtIn)
  const users = await usersOf(["archive"])
  const loaded = users?.loaded("archive") ?? []
  if (users === null || loaded.length === 0) return ours
  const { archiveProxy } = await import("../plugin-host/proxies/archive.ts")
  const theirs = loaded.map((user): LoadedPlugin<ArchivePlugin> => {
    const { path, settings, options } = user
    return { plugin: archiveProxy(user, users), source: "user", path, timeoutMs: settings.timeoutMs, options }
  })
  return [...theirs, ...ours]
}

export function actPlugin<Result>(name: "export" | "resume"): ActPlugin<Result> {
  const plugin = all.find((candidate) => candidate.stage === "act" && candidate.name === name)
  if (plugin === undefined) throw new Error(`the built-in act plugin "${name}" is missing`)
  return plugin as ActPlugin<Result>
}

export async function userActPlugins(): Promise<readonly ActPlugin[]> {
  const users = await usersOf(["act"])
  const loaded = users?.loaded("act") ?? []
  if (users === null || loaded.length === 0) return []
  const { actProxy } = await import("../plugin-host/proxies/act.ts")
  return loaded.map((plugin) => actProxy(plugin, users))
}

/** Those that look and act are part of the rescue and stay on; what follows an export may be switched off. */
function isOn(name: string): boolean {
  return scope?.settings.get(name)?.enabled ?? true
}

function builtIn<P extends Plugin>(plugin: P): LoadedPlugin<P> {
  const settings = scope?.settings.get(plugin.name)
  return {
    plugin,
    source: "built-in",
    path: null,
    timeoutMs: settings?.timeoutMs ?? null,
    options: readOptions(settings?.options ?? {}, plugin.options ?? {}, () => {}),
  }
}

function tierOf(plugin: Plugin): Tier {
  const configured = plugin.stage === "post-process" ? scope?.settings.get(plugin.name)?.order : null
  return configured ?? ("order" in plugin ? (plugin.order ?? "normal") : "normal")
}

function inTiers<T>(
  users: readonly { readonly tier: Tier; readonly plugin: T }[],
  ours: readonly { readonly tier: Tier; readonly plugin: T }[],
): readonly T[] {
  return [...users, ...ours].toSorted((a, b) => tiers[a.tier] - tiers[b.tier]).map(({ plugin }) => plugin)
}
