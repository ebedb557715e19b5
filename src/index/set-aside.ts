import { existsSync } from "node:fs"
import { moveDatabase } from "../system/database.ts"

/** Gives an index another name, under which it is kept; null when there is none. */
export function setIndexAside(path: string): string | null {
  if (!existsSync(path)) return null
  const kept = freeName(path)
  moveDatabase(path, kept)
  return kept
}

function freeName(path: string): string {
  const stem = path.replace(/\.db$/, "")
  for (let number = 1; ; number++) {
    const name = `${stem}.aside-${number}.db`
    if (!existsSync(name)) return name
  }
}
