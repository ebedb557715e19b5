import { RescueError } from "../../domain/errors.ts"
import type { UserPlugin } from "./user-plugins.ts"

export function failed(plugin: UserPlugin, what: string): RescueError {
  return new RescueError(
    "PLUGIN_FAILED",
    `the plugin ${plugin.name} ${what}${plugin.why === null ? "" : `: ${plugin.why}`}`,
    `try it by itself: session-rescue plugin check ${plugin.path}`,
  )
}
