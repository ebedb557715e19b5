import type { CheckRow } from "../../operations/plugin-dev/check.ts"
import { shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { plain } from "../terminal/sanitize.ts"
import { type PluginsView, showWhy } from "./plugins.ts"

export function showCheck({ rows, folder, home }: PluginsView<CheckRow>, out: Output): void {
  for (const row of rows) {
    const word = row.ok
      ? out.paint.green("ok")
      : row.state === "off"
        ? out.paint.dim("off")
        : out.paint.red("failed")
    out.print(`${word}  ${row.stage} ${plain(row.name)}  ${plain(shortPath(row.path ?? "", home))}`)
    if (row.did !== null) out.print(`          ${plain(row.did)}`)
    for (const said of row.says) out.print(`          said: ${plain(said)}`)
    showWhy(row, out)
  }
  if (rows.length === 0) out.print(`There is no plugin of yours in ${plain(shortPath(folder, home))}.`)
  const bad = rows.find((row) => !row.ok && row.state !== "off")
  if (bad !== undefined) out.print(`Next: mend it, then session-rescue plugin check ${plain(bad.name)}`)
  else if (rows.length > 0) out.print("Next: session-rescue plugin list")
  else out.print("Next: session-rescue plugin new NAME --stage post-process")
}

export function checkDocument(rows: readonly CheckRow[], warnings: readonly string[]) {
  return { schemaVersion, checks: rows, warnings }
}
