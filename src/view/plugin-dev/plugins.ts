import type { PluginRow } from "../../operations/plugin-dev/inventory.ts"
import { shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { pad, plain } from "../terminal/sanitize.ts"

export interface PluginsView<Row> {
  readonly rows: readonly Row[]
  /** Where users' plugins lie. */
  readonly folder: string
  readonly home: string
}

const stateWidth = 9
const stageWidth = 13
const nameWidth = 18

export function showList({ rows, folder, home }: PluginsView<PluginRow>, out: Output): void {
  for (const row of rows) {
    const state = pad(row.state, stateWidth)
    const painted =
      row.state === "loaded"
        ? out.paint.green(state)
        : row.state === "off"
          ? out.paint.dim(state)
          : out.paint.red(state)
    const where = row.path === null ? "built in" : plain(shortPath(row.path, home))
    out.print(`${painted} ${pad(row.stage, stageWidth)} ${pad(plain(row.name), nameWidth)} ${where}`)
    showWhy(row, out)
  }
  const bad = rows.find((row) => row.state === "refused" || row.state === "failed")
  const users = rows.filter((row) => row.source === "user")
  if (bad !== undefined)
    out.print(`Next: session-rescue plugin check ${plain(bad.name)}   (when it is mended)`)
  else if (users.length > 0) out.print("Next: session-rescue plugin check   (runs each on a sample)")
  else
    out.print(
      `Next: session-rescue plugin new NAME --stage post-process   (goes to ${plain(shortPath(folder, home))})`,
    )
}

export function showWhy(row: PluginRow, out: Output): void {
  if (row.why !== null) out.print(`          ${plain(row.why)}`)
  if (row.mend !== null) out.print(`          mend it: ${plain(row.mend)}`)
}

export function listDocument({ rows, folder }: PluginsView<PluginRow>, warnings: readonly string[]) {
  return { schemaVersion, folder, plugins: rows, warnings }
}
