import type { Context } from "../sdk/context.ts"
import type { PluginRegistry } from "./plugin-registry.ts"

/** The context of a run: the machine as plugins see it, and the plugins themselves. */
export interface RunContext extends Context {
  readonly plugins: PluginRegistry
}
