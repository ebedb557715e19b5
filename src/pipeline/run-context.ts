import type { Context } from "../sdk/context.ts"
import type { KnownFacts } from "./facts/known-facts.ts"
import type { PluginRegistry } from "./plugin-registry.ts"

/** The context of a run: the machine as plugins see it, and the plugins themselves. */
export interface RunContext extends Context {
  readonly plugins: PluginRegistry
  /** Prepared for the sessions of a list before they are read. */
  readonly knownFacts?: KnownFacts
}
