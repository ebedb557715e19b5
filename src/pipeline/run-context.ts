import type { Context } from "../sdk/context.ts"
import type { PluginRegistry } from "./plugin-registry.ts"

/** What this run works with: the machine as plugins see it, and the plugins themselves. */
export interface RunContext extends Context {
  readonly plugins: PluginRegistry
}
