import { RescueError } from "../domain/errors.ts"
import type { Plugin } from "../sdk/contracts.ts"

export function teamPluginNotFound(
  stage: "store" | "sink",
  name: string,
  builtIn: readonly Plugin[],
): RescueError {
  const known = builtIn.flatMap((plugin) => (plugin.stage === stage ? [plugin.name] : []))
  return new RescueError(
    "PLUGIN_NOT_FOUND",
    `there is no ${stage} plugin called ${JSON.stringify(name)}`,
    `known: ${known.join(", ")}; one of your own must lie where session-rescue plugin list shows it`,
  )
}
