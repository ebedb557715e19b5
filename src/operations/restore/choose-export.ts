import { isRescueError, RescueError } from "../../domain/errors.ts"
import type { ReadStored, SavedExport } from "../../domain/export/export.ts"
import { recordedKey, totalBytes } from "../../domain/export/recorded-path.ts"
import { shortId } from "../../domain/session/session-id.ts"
import { readEverySaved } from "../../rescue/catalog/every-agent.ts"
import { pickLongest } from "../../rescue/verify/pick-longest.ts"
import type { Paths } from "../../system/config/paths.ts"
import { chooseExports } from "../exports/select.ts"

export interface ChoiceOptions {
  readonly paths: Paths
  readonly readStored: ReadStored
  readonly signal: AbortSignal
  readonly warn: (message: string) => void
}

/**
 * The export that a person means: the one named by a file; of a session's the longest, if it holds all the others'
 * records. Where they went different ways (a stub saved after a good copy) they are listed, and the person chooses.
 */
export async function chooseExport(name: string, options: ChoiceOptions): Promise<SavedExport> {
  const { paths, warn } = options
  const chosen = chooseExports(name, paths, (entry) => warn(`${entry.path} was not read: ${entry.why}`))
  return chosen.by === "file" ? chosen.saved : longestOf(name, chosen.saved, options)
}

/** What could not be chosen, and why. */
export interface ChoiceFailure {
  readonly name: string
  readonly error: RescueError
}

/**
 * The exports of several names, or with null of every session that has one; each as `chooseExport` does. A name that is
 * wrong throws; a session of which no export can be chosen is a failure of its own.
 */
export async function chooseAll(
  names: readonly string[] | null,
  options: ChoiceOptions,
): Promise<{ readonly chosen: readonly SavedExport[]; readonly failures: readonly ChoiceFailure[] }> {
  const chosen = new Map<string, SavedExport>()
  const failures: ChoiceFailure[] = []
  if (names !== null) {
    for (const name of names) {
      const saved = await chooseExport(name, options)
      chosen.set(saved.manifestPath, saved)
    }
    return { chosen: [...chosen.values()], failures }
  }
  for (const [id, saved] of Map.groupBy(readEverySaved(options.paths).all(), sessionOf)) {
    try {
      const only = await longestOf(shortId(id) ?? id, saved, options)
      chosen.set(only.manifestPath, only)
    } catch (error) {
      if (!isRescueError(error) || error.code === "INTERRUPTED") throw error
      failures.push({ name: id, error })
    }
  }
  return { chosen: [...chosen.values()], failures }
}

function sessionOf({ manifest }: SavedExport): string {
  return manifest.session.id
}

async function longestOf(
  name: string,
  saved: readonly SavedExport[],
  { readStored, signal, warn }: ChoiceOptions,
): Promise<SavedExport> {
  const heads = saved.length === 1 ? saved : await pickLongest(saved, readStored, { signal, advance() {} })
  const [only] = heads
  if (only === undefined) throw new Error("a session without exports was chosen")
  if (heads.length > 1) throw divergedError(name, heads)
  warnOfExtraFiles(only, saved, warn)
  return only
}

function divergedError(name: string, heads: readonly SavedExport[]): RescueError {
  const list = heads.map(({ path, place, manifest }) => {
    const { exportedAt, session } = manifest
    return `  ${path}\n    ${place}, ${totalBytes(manifest)} bytes, exported ${exportedAt.slice(0, 16)}Z, ${session.state}: ${session.detail}`
  })
  return new RescueError(
    "AMBIGUOUS",
    `the exports of "${name}" have diverged; none contains all the others (longest first):\n${list.join("\n")}`,
    "choose one by its file: session-rescue restore FILE",
  )
}

/** Files that a client deletes or renames in the course of things are no reason to stop, but one to speak. */
function warnOfExtraFiles(
  chosen: SavedExport,
  all: readonly SavedExport[],
  warn: (message: string) => void,
): void {
  const known = new Set(chosen.manifest.files.map(recordedKey))
  for (const other of all) {
    const more = other.manifest.files.filter((file) => !known.has(recordedKey(file)))
    if (more.length > 0)
      warn(`${other.path} has ${more.length} files that the chosen one lacks: ${more[0]?.relative}`)
  }
}
