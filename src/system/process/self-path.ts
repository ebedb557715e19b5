import { accessSync, constants, realpathSync } from "node:fs"
import { delimiter, join } from "node:path"

const programName = "session-rescue"

/** Where this very program can be called: the first such name on PATH that leads to it, else the file itself. */
export function ownProgram(): {
  readonly path: string
  readonly onPath: string | null
  readonly isBinary: boolean
} {
  const own = realpathSync(process.execPath)
  const [first] = namesakes()
  const ours = namesakes().find((path) => realpathSync(path) === own)
  return { path: ours ?? own, onPath: first ?? null, isBinary: Bun.isStandaloneExecutable }
}

/** Every executable of our name on PATH, in the order in which a shell would find them. */
export function namesakes(): string[] {
  return allOnPath(programName)
}

export function isOnPath(name: string): boolean {
  return allOnPath(name).length > 0
}

function allOnPath(name: string): string[] {
  return (process.env.PATH ?? "")
    .split(delimiter)
    .filter((folder) => folder.startsWith("/"))
    .map((folder) => join(folder, name))
    .filter((path) => {
      try {
        accessSync(path, constants.X_OK)
        return true
      } catch {
        return false
      }
    })
}
