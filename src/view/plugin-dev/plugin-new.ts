import type { NewPlugin } from "../../operations/plugin-dev/scaffold.ts"
import { shortPath } from "../terminal/format.ts"
import { schemaVersion } from "../terminal/json.ts"
import type { Output } from "../terminal/output.ts"
import { plain } from "../terminal/sanitize.ts"

export function showNew(made: NewPlugin, name: string, home: string, out: Output): void {
  for (const path of made.written) out.print(`wrote ${plain(shortPath(path, home))}`)
  for (const path of made.kept) {
    out.note(
      `${out.paint.yellow("note:")} ${plain(shortPath(path, home))} was there and was left as it is (this version would write another)`,
    )
  }
  out.print(`Next: session-rescue plugin check ${plain(name)}`)
}

export function newDocument({ path, written, kept }: NewPlugin) {
  return { schemaVersion, path, written, kept }
}
