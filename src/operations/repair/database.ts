/** Doctor and repair of a database that holds the sessions of an agent: OpenCode's. */
import { existsSync, realpathSync } from "node:fs"
import { tmpdir } from "node:os"
import { resolve } from "node:path"
import { isRescueError } from "../../domain/errors.ts"
import { detectAll } from "../../pipeline/detect.ts"
import { selectNamed } from "../../pipeline/naming/select-sessions.ts"
import type { RunContext } from "../../pipeline/run-context.ts"
import { openTranscript } from "../../rescue/repair/file-source.ts"
import { isDatabase } from "../../rescue/salvage/pages.ts"
import { type Rebuilt, rebuildDatabase } from "../../rescue/salvage/rebuild.ts"
import type { Paths } from "../../system/config/paths.ts"

interface Meaning {
  readonly paths: Paths
  readonly ctx: RunContext
  readonly verb: "doctor" | "repair"
}

/** The database that a person means: a file, or the one that holds the session; null where it is something else. */
export async function databaseMeant(name: string, { paths, ctx, verb }: Meaning): Promise<string | null> {
  if (existsSync(name)) {
    const path = realpathSync(resolve(name))
    return /\.(db|sqlite3?)$/.test(path) || beginsAsDatabase(path) ? path : null
  }
  try {
    const [one] = await selectNamed([name], await detectAll(ctx, null), { paths, ctx, verb })
    return one?.rows?.database ?? null
  } catch (error) {
    if (isRescueError(error)) return null // who asks next says why
    throw error
  }
}

function beginsAsDatabase(path: string): boolean {
  try {
    const file = openTranscript(path)
    try {
      return isDatabase(file)
    } finally {
      file.close()
    }
  } catch {
    return false
  }
}

export type RepairedDatabase = Rebuilt

interface DatabaseOptions {
  /** Where the new database goes; null: it is made, looked at and thrown away. */
  readonly folder: string | null
  readonly version: string
  readonly at: Date
}

/** What is wrong with it, and a new one with every row that can be read. The damaged one is never changed. */
export function repairDatabase(
  path: string,
  { folder, version, at }: DatabaseOptions,
): Promise<RepairedDatabase> {
  return rebuildDatabase(path, { into: folder, scratch: folder ?? tmpdir(), version, at })
}
