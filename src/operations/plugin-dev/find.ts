import { resolve } from "node:path"
import { RescueError } from "../../domain/errors.ts"
import { builtInList as builtIn } from "../../pipeline/plugin-registry.ts"
import { type DiscoveredPlugin, discover, discoverFile } from "../../plugin-host/host/discover.ts"
import type { UserScope } from "../../plugin-host/protocol/loaded-plugin.ts"
import { stages } from "../../sdk/contracts.ts"

export const builtInNames: ReadonlySet<string> = new Set(builtIn.map((plugin) => plugin.name))

/** All files in the plugin folders. */
export function discoverAll({ paths }: Pick<UserScope, "paths">): readonly DiscoveredPlugin[] {
  return stages.flatMap((stage) => discover(stage, paths.config, paths.home, builtInNames))
}

/**
 * The plugins with this name, or the one at this path. Throws PLUGIN_NOT_FOUND, or USAGE when the stage is
 * ambiguous.
 */
export function discoverNamed(
  name: string,
  scope: Pick<UserScope, "paths" | "ctx">,
): readonly DiscoveredPlugin[] {
  const known = discoverAll(scope).filter((each) => each.name === name)
  if (known.length > 0) return known
  const path = resolve(name)
  const kind = scope.ctx.files.stat(path)?.kind
  const file =
    kind === "folder"
      ? ["index.ts", "index.js"]
          .map((each) => `${path}/${each}`)
          .find((each) => scope.ctx.files.stat(each) !== null)
      : path
  if (kind === undefined || file === undefined) {
    throw new RescueError(
      "PLUGIN_NOT_FOUND",
      `there is no plugin "${name}"`,
      "see what there is: session-rescue plugin list",
    )
  }
  const stage = stages.find((each) => file.split("/").slice(-3, -1).includes(each))
  if (stage !== undefined) return [discoverFile(file, stage, scope.paths.home, builtInNames)]
  const hint = `put it into a folder named after its stage: ${stages.join(", ")}`
  throw new RescueError("USAGE", `the stage of ${name} is unknown: its folder is not named after one`, hint)
}
