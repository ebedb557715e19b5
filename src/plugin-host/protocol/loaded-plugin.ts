import type { Context } from "../../sdk/context.ts"
import type { Plugin, Stage } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { PluginSettings } from "../../system/config/plugin-settings.ts"

/** A loaded plugin with its settings from the config file. */
export interface LoadedPlugin<P extends Plugin = Plugin> {
  readonly plugin: P
  readonly source: "built-in" | "user"
  /** The source file of a user plugin. */
  readonly path: string | null
  /** As configured; null: the stage's default. */
  readonly timeoutMs: number | null
  readonly options: Readonly<Record<string, unknown>>
}

/** Where user plugins are loaded from, and their settings. */
export interface UserScope {
  readonly paths: Paths
  readonly settings: ReadonlyMap<string, PluginSettings>
  /** The stages, of `detect` and `classify`, in which user plugins are called. */
  readonly looks: readonly Stage[]
  readonly ctx: Context
}
