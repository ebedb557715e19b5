import { readdirSync, statSync } from "node:fs"
import { join } from "node:path"

/** One bare stat of every transcript below HOME. */
export function statAll(): number {
  const projects = join(process.env.HOME ?? "/nonexistent", ".claude/projects")
  let bytes = 0
  for (const project of readdirSync(projects)) {
    for (const name of readdirSync(join(projects, project)))
      bytes += statSync(join(projects, project, name)).size
  }
  return bytes
}
