import type { CheckRow } from "../../operations/plugin-dev/check.ts"
import type { PluginRow } from "../../operations/plugin-dev/inventory.ts"
import type { NewPlugin } from "../../operations/plugin-dev/scaffold.ts"
import { shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { pad, sanitize } from "../terminal/sanitize.ts"

export interface PluginsView<Row> {
  readonly rows: readonly Row[]
  /** Where users' plugins lie. */
  readonly folder: string
  readonly home: string
}

const stateWidth = 9
const stageWidth = 13
const nameWidth = 18

export function showPlugins({ rows, folder, home }: PluginsView<PluginRow>, out: Output): void {
  for (const row of rows) {
    const state = pad(row.state, stateWidth)
    const painted =
      row.state === "loaded"
        ? out.paint.green(state)
        : row.state === "off"
          ? out.paint.dim(state)
          : out.paint.red(state)
    const where = row.path === null ? "built in" : sanitize(shortPath(row.path, home))
    out.print(`${painted} ${pad(row.stage, stageWidth)} ${pad(sanitize(row.name), nameWidth)} ${where}`)
    showReason(row, out)
  }
  const bad = rows.find((row) => row.state === "refused" || row.state === "failed")
  const users = rows.filter((row) => row.source === "user")
  if (bad !== undefined)
    out.print(`Next: session-rescue plugin check ${sanitize(bad.name)}   (once it is fixed)`)
  else if (users.length > 0) out.print("Next: session-rescue plugin check   (runs each on a sample)")
  else
    out.print(
      `Next: session-rescue plugin new NAME --stage post-process   (creates it in ${sanitize(shortPath(folder, home))})`,
    )
}

function showReason(row: PluginRow, out: Output): void {
  if (row.why !== null) out.print(`          ${sanitize(row.why)}`)
  if (row.fix !== null) out.print(`          fix it: ${sanitize(row.fix)}`)
}

export function pluginListDocument({ rows, folder }: PluginsView<PluginRow>, warnings: readonly string[]) {
  return { schemaVersion, folder, plugins: rows, warnings }
}

export function showPluginCheck({ rows, folder, home }: PluginsView<CheckRow>, out: Output): void {
  for (const row of rows) {
    const word = row.ok
      ? out.paint.green("ok")
      : row.state === "off"
        ? out.paint.dim("off")
        : out.paint.red("failed")
    out.print(`${word}  ${row.stage} ${sanitize(row.name)}  ${sanitize(shortPath(row.path ?? "", home))}`)
    if (row.did !== null) out.print(`          ${sanitize(row.did)}`)
    for (const said of row.says) out.print(`          said: ${sanitize(said)}`)
    showReason(row, out)
  }
  if (rows.length === 0) out.print(`No plugins of your own in ${sanitize(shortPath(folder, home))}.`)
  const bad = rows.find((row) => !row.ok && row.state !== "off")
  if (bad !== undefined) out.print(`Next: fix it, then session-rescue plugin check ${sanitize(bad.name)}`)
  else if (rows.length > 0) out.print("Next: session-rescue plugin list")
  else out.print("Next: session-rescue plugin new NAME --stage post-process")
}

export function pluginCheckDocument(rows: readonly CheckRow[], warnings: readonly string[]) {
  return { schemaVersion, checks: rows, warnings }
}

export function showNewPlugin(made: NewPlugin, name: string, home: string, out: Output): void {
  for (const path of made.written) out.print(`wrote ${sanitize(shortPath(path, home))}`)
  for (const path of made.kept) {
    out.note(
      `${out.paint.yellow("note:")} ${sanitize(shortPath(path, home))} exists and was not changed (this version would write a different one)`,
    )
  }
  out.print(`Next: session-rescue plugin check ${sanitize(name)}`)
}

export function newPluginDocument({ path, written, kept }: NewPlugin) {
  return { schemaVersion, path, written, kept }
}
