// Nothing but opening every transcript and reading it into one buffer.
import { closeSync, openSync, readdirSync, readSync } from "node:fs"
import { join } from "node:path"

const projects = join(process.env.HOME ?? "/nonexistent", ".claude/projects")
const buffer = Buffer.allocUnsafe(1 << 20)
let bytes = 0
for (const project of readdirSync(projects)) {
  for (const name of readdirSync(join(projects, project))) {
    const file = openSync(join(projects, project, name), "r")
    for (;;) {
      const count = readSync(file, buffer, 0, buffer.length, null)
      if (count === 0) break
      bytes += count
    }
    closeSync(file)
  }
}
console.log(bytes)
