import { existsSync } from "node:fs"
import { builtInPlugins } from "../../plugins/index.generated.ts"
import type { UserPlugins } from "../plugin-host/host/user-plugins.ts"
import type { LoadedPlugin, UserScope } from "../plugin-host/protocol/loaded-plugin.ts"
import { readOptions } from "../plugin-host/protocol/options.ts"
import {
  type AskedPlugin,
  type ChosenPlugin,
  chooseTeamPlugin,
} from "../plugin-host/proxies/choose-team-plugin.ts"
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

const detecting = builtInList.filter((plugin) => plugin.stage === "detect")

export function builtInDetectPlugins(): readonly DetectPlugin[] {
  return detecting
}

export function actPlugin<Result>(name: "export" | "resume"): ActPlugin<Result> {
  const plugin = builtInList.find((candidate) => candidate.stage === "act" && candidate.name === name)
  if (plugin === undefined) throw new Error(`the built-in act plugin "${name}" is missing`)
  return plugin as ActPlugin<Result>
}

export interface Classifier {
  readonly plugin: ClassifyPlugin
  readonly source: "built-in" | "user"
}

/**
 * The plugins of one run: the built-in ones and the user's, which are discovered and loaded when a stage
 * first needs them.
 */
export class PluginRegistry {
  readonly #scope: UserScope | null
  readonly #loads = new Map<string, Promise<UserPlugins | null>>()
  #classifiers: Promise<readonly Classifier[]> | null = null

  /** null: built-in plugins only. */
  constructor(scope: UserScope | null) {
    this.#scope = scope
  }

  /**
   * Creates the registry for a new scan and ends the plugin processes that an earlier scan of this run
   * started.
   */
  static open(scope: UserScope | null): PluginRegistry {
    endUserPlugins()
    return new PluginRegistry(scope)
  }

  /**
   * Resolves once the worker process for the user's detect and classify plugins has started; it loads them
   * while the built-in plugins search.
   */
  launchLookers(): Promise<unknown> {
    const { promise, resolve } = Promise.withResolvers<void>()
    return Promise.race([promise, this.#lookers(resolve)])
  }

  async userDetectPlugins(): Promise<readonly DetectPlugin[]> {
    const users = await this.#lookers()
    const loaded = users?.loaded("detect") ?? []
    if (users === null || loaded.length === 0) return []
    const { detectProxy } = await import("../plugin-host/proxies/detect.ts")
    return loaded.map((plugin) => detectProxy(plugin, users))
  }

  /** In call order: within a tier, user plugins come before built-in ones. */
  classifiers(): Promise<readonly Classifier[]> {
    this.#classifiers ??= this.#loadClassifiers()
    return this.#classifiers
  }

  async #loadClassifiers(): Promise<readonly Classifier[]> {
    const users = await this.#lookers()
    const loaded = users?.loaded("classify") ?? []
    const ours = builtInList
      .filter((plugin) => plugin.stage === "classify")
      .map((plugin) => ({ tier: this.#tierOf(plugin), plugin: { plugin, source: "built-in" as const } }))
    if (users === null || loaded.length === 0) return inTiers<Classifier>([], ours)
    const { classifyProxy } = await import("../plugin-host/proxies/classify.ts")
    const byTier = Map.groupBy(loaded, (plugin) => plugin.settings.order ?? plugin.meta?.order ?? "normal")
    const theirs = [...byTier].map(([tier, plugins]) => {
      return { tier, plugin: { plugin: classifyProxy(plugins, users), source: "user" as const } }
    })
    return inTiers<Classifier>(theirs, ours)
  }

  /** In execution order. */
  async postProcessors(): Promise<readonly LoadedPlugin<PostProcessPlugin>[]> {
    const users = await this.#usersOf(["post-process"])
    const asked = (users?.loaded("post-process") ?? []).filter(({ meta, options }) =>
      hasNeeded(meta ?? {}, options),
    )
    const theirs = asked.map((user) => {
      const { name, meta, settings, path, options } = user
      const plugin: PostProcessPlugin = {
        name,
        stage: "post-process",
        on: meta?.on ?? "export",
        run: () =>
          Promise.reject(new Error("a user's plugin is run in a process of its own: runPostProcess")),
      }
      const loaded: LoadedPlugin<PostProcessPlugin> = {
        plugin,
        source: "user",
        path,
        timeoutMs: settings.timeoutMs,
        options,
      }
      return { tier: settings.order ?? meta?.order ?? ("normal" as const), plugin: loaded }
    })
    const ours = builtInList.filter((plugin) => plugin.stage === "post-process" && this.#isOn(plugin.name))
    return inTiers(
      theirs,
      ours
        .map((plugin) => ({
          tier: this.#tierOf(plugin),
          plugin: this.#builtIn(plugin as PostProcessPlugin),
        }))
        .filter(({ plugin: { plugin, options } }) => hasNeeded(plugin, options)),
    )
  }

  async archivers(): Promise<readonly LoadedPlugin<ArchivePlugin>[]> {
    const ours = builtInList
      .filter((plugin) => plugin.stage === "archive")
      .map((plugin) => this.#builtIn(plugin))
    const users = await this.#usersOf(["archive"])
    const loaded = users?.loaded("archive") ?? []
    if (users === null || loaded.length === 0) return ours
    const { archiveProxy } = await import("../plugin-host/proxies/archive.ts")
    const theirs = loaded.map((user): LoadedPlugin<ArchivePlugin> => {
      const { path, settings, options } = user
      return {
        plugin: archiveProxy(user, users),
        source: "user",
        path,
        timeoutMs: settings.timeoutMs,
        options,
      }
    })
    return [...theirs, ...ours]
  }

  /** The team's archive, or its index. */
  ofTeam<S extends "store" | "sink">(stage: S, asked: AskedPlugin): Promise<ChosenPlugin<S>> {
    return chooseTeamPlugin(stage, asked, { builtIn: builtInList, usersOf: () => this.#usersOf([stage]) })
  }

  async userActPlugins(): Promise<readonly ActPlugin[]> {
    const users = await this.#usersOf(["act"])
    const loaded = users?.loaded("act") ?? []
    if (users === null || loaded.length === 0) return []
    const { actProxy } = await import("../plugin-host/proxies/act.ts")
    return loaded.map((plugin) => actProxy(plugin, users))
  }

  /** Detect and classify plugins share one process; both stages are loaded together. */
  #lookers(launched?: () => void): Promise<UserPlugins | null> {
    const stages = (["detect", "classify"] as const).filter((stage) => this.#scope?.looks.includes(stage))
    return this.#usersOf(stages, launched)
  }

  /** null when there is nothing to load; the plugin host is then not loaded either. */
  #usersOf(stages: readonly Stage[], launched = () => {}): Promise<UserPlugins | null> {
    const key = stages.join()
    const known = this.#loads.get(key)
    if (known !== undefined) return known
    const load = this.#load(stages, launched)
    this.#loads.set(key, load)
    return load
  }

  async #load(stages: readonly Stage[], launched: () => void): Promise<UserPlugins | null> {
    const scope = this.#scope
    if (scope === null) return null
    if (!existsSync(`${scope.paths.config}/plugins`) && scope.settings.size === 0) return null
    const { openUserPlugins } = await import("../plugin-host/host/load.ts")
    return openUserPlugins(scope, stages, builtInList, launched)
  }

  /** Built-in detect, classify and act plugins cannot be disabled; post-process plugins can. */
  #isOn(name: string): boolean {
    return this.#scope?.settings.get(name)?.enabled ?? true
  }

  #builtIn<P extends Plugin>(plugin: P): LoadedPlugin<P> {
    const settings = this.#scope?.settings.get(plugin.name)
    return {
      plugin,
      source: "built-in",
      path: null,
      timeoutMs: settings?.timeoutMs ?? null,
      options: readOptions(settings?.options ?? {}, plugin.options ?? {}, () => {}),
    }
  }

  #tierOf(plugin: Plugin): Tier {
    const configured = plugin.stage === "post-process" ? this.#scope?.settings.get(plugin.name)?.order : null
    return configured ?? ("order" in plugin ? (plugin.order ?? "normal") : "normal")
  }
}

function inTiers<T>(
  users: readonly { readonly tier: Tier; readonly plugin: T }[],
  ours: readonly { readonly tier: Tier; readonly plugin: T }[],
): readonly T[] {
  return [...users, ...ours].toSorted((a, b) => tiers[a.tier] - tiers[b.tier]).map(({ plugin }) => plugin)
}

function hasNeeded(
  { needs = [] }: Pick<PostProcessPlugin, "needs">,
  options: Readonly<Record<string, unknown>>,
): boolean {
  return needs.every((option) => Object.hasOwn(options, option))
}
