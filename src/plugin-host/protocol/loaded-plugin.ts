import type { Context } from "../../sdk/context.ts"
import type { Plugin, Stage } from "../../sdk/contracts.ts"
import type { Paths } from "../../system/config/paths.ts"
import type { PluginSettings } from "../../system/config/plugin-settings.ts"

/** A plugin that may be asked, and what the config file says about it. */
export interface LoadedPlugin<P extends Plugin = Plugin> {
  readonly plugin: P
  readonly source: "built-in" | "user"
  /** The file of a user's plugin. */
  readonly path: string | null
  /** As configured; null: the stage's own limit. */
  readonly timeoutMs: number | null
  readonly options: Readonly<Record<string, unknown>>
}

/** Whose plugins are loaded, and what they may look at. */
export interface UserScope {
  readonly paths: Paths
  readonly settings: ReadonlyMap<string, PluginSettings>
  /** Of `detect` and `classify`, the stages in which they are asked. */
  readonly looks: readonly Stage[]
  readonly ctx: Context
}
