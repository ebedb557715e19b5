import type { PluginRow } from "../plugin-dev/inventory.ts"
import { advice, countNoun, type Finding, ok } from "./finding.ts"

/** A user's plugins that were not loaded, each with its fix; null: none was to be loaded. */
export function inspectPlugins(
  rows: readonly PluginRow[] | null,
  configWarnings: readonly string[],
): readonly Finding[] {
  const users = (rows ?? []).filter((row) => row.source === "user")
  const bad = users.filter((row) => row.state === "refused" || row.state === "failed")
  const says =
    rows === null
      ? "not checked: plugins are not loaded"
      : `${countNoun(users.length, "plugin")} of your own, none refused`
  return [
    ...configWarnings.map((says) => advice("config", says, configFix(says))),
    ...bad.map((row) =>
      advice(
        "plugins",
        `${row.name} (${row.stage}) is not used: ${row.why ?? row.state}`,
        row.fix ?? `session-rescue plugin check ${row.name}`,
      ),
    ),
    ...(bad.length > 0 ? [] : [ok("plugins", says)]),
  ]
}

/** A file that cannot be read as a whole is left out as a whole, with its `data_dir` and `homes`. */
function configFix(says: string): string {
  return says.endsWith("continuing without it")
    ? "fix the file: none of it is used, its data_dir and homes neither"
    : "fix that line; the rest of the file is used"
}
