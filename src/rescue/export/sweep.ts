import { lstatSync } from "node:fs"
import type { SavePlan } from "../../domain/export/export.ts"
import type { Progress } from "../../domain/progress.ts"
import { discard, flushFolder, isSameFile, moveFolder } from "../../system/fs/durable.ts"
import { readManifestNames } from "../catalog/saved-exports.ts"
import { hasOwnerExited } from "../io/owner-tag.ts"
import { isContained } from "../verify/superseded.ts"
import { closeStaging, parseStagingName, type Staging, stagingFolder, stagingPaths } from "./staging.ts"

/**
 * Removes what dead runs left of exports of this session: their staging folders, and files published without the
 * `.jsonl`. Only bytes that the session on disk still holds are removed: anything else may be the last copy, and is
 * kept and reported.
 */
export async function sweepLeftovers(
  pending: string,
  names: readonly string[],
  plan: SavePlan,
  progress: Progress,
  warn: (message: string) => void,
): Promise<void> {
  for (const name of names) {
    const parsed = parseStagingName(name)
    // safety: sweep-dead-only
    if (parsed === null || parsed.id !== plan.id || !(await hasOwnerExited(parsed.owner))) continue
    const staging = await claim(pending, name, plan.id)
    if (staging === null) continue
    const half = halfPublished(pending, staging)
    const trees = half.files === null ? [staging.files] : [staging.files, half.files]
    // safety: sweep-saved-only
    if (!(await isContained(plan, staging.transcript, trees, progress))) {
      warn(`an interrupted export left bytes that were not found in the session: kept in ${staging.folder}`)
      continue
    }
    if (half.manifest !== null) discard(half.manifest)
    if (half.files !== null) discard(half.files)
    closeStaging(staging)
    flushFolder(pending)
  }
}

/** Of several runs that sweep at once, only one succeeds with the rename; null for the others. */
async function claim(pending: string, name: string, id: string): Promise<Staging | null> {
  const folder = await stagingFolder(pending, id)
  try {
    moveFolder(`${pending}/${name}`, folder)
    return stagingPaths(folder)
  } catch {
    return null
  }
}

/**
 * The files that a dead run published under the name it was about to commit, if they are certainly its own: another
 * run may have taken that name since, or a user may have put a file there.
 */
function halfPublished(pending: string, staging: Staging): { manifest: string | null; files: string | null } {
  const look = (path: string) => lstatSync(path, { throwIfNoEntry: false })
  const named = readManifestNames(staging.manifest)
  // a transcript with a second link, or missing here, was committed
  // safety: sweep-no-commit
  if (named === null || look(staging.transcript)?.nlink !== 1) return { manifest: null, files: null }
  const [manifest, files] = [`${pending}/${named.name}.manifest.json`, `${pending}/${named.name}.files`]
  const ours = isSameFile(manifest, staging.manifest) // safety: sweep-own-only
  const moved = named.hasFiles && look(staging.files) === undefined
  return {
    manifest: ours ? manifest : null,
    files: moved && (ours || look(manifest) === undefined) ? files : null,
  }
}
