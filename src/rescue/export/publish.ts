import { lstatSync } from "node:fs"
import { exportName } from "../../domain/export/export.ts"
import type { SessionId } from "../../domain/session/session-id.ts"
import { flushFolder, moveFolder, publishFile, publishFolder, removeFile } from "../../system/fs/durable.ts"
import { toWriteError } from "../../system/fs/io-errors.ts"
import type { Staging } from "./staging.ts"

export interface Published {
  readonly name: string
  /** false: the folder could not be flushed, so the name may be lost in a power cut. */
  readonly confirmed: boolean
}

/**
 * Publishes a finished staging without replacing anything: first the other files, then the manifest, and the
 * `.jsonl` last, because its name is the commit. If a name is taken, the name for the next second is tried.
 */
export async function publish(
  { pending, archive }: { readonly pending: string; readonly archive: string },
  staging: Staging,
  id: SessionId,
  at: Date,
  hasFiles: boolean,
  prepare: (name: string) => Promise<void>,
): Promise<Published> {
  for (let time = at.getTime(); ; time += 1000) {
    const name = exportName(id, new Date(time))
    try {
      // safety: look-before-name
      if (isTaken(`${pending}/${name}`) || isTaken(`${archive}/${name}`)) continue
      await prepare(name)
      const confirmed = await publishAs(pending, staging, name, hasFiles)
      if (confirmed !== "taken") return { name, confirmed }
    } catch (error) {
      throw toWriteError(error, `${pending}/${name}.jsonl`)
    }
  }
}

/** Checked first, so that our manifest is never, even briefly, beside another program's `.jsonl`. */
function isTaken(target: string): boolean {
  return [".jsonl", ".manifest.json", ".files"].some(
    (ending) => lstatSync(`${target}${ending}`, { throwIfNoEntry: false }) !== undefined,
  )
}

async function publishAs(
  pending: string,
  staging: Staging,
  name: string,
  hasFiles: boolean,
): Promise<boolean | "taken"> {
  const target = `${pending}/${name}`
  const undo: (() => void)[] = []
  let committed = false
  try {
    if (hasFiles) {
      if (publishFolder(staging.files, `${target}.files`) === "taken") return "taken"
      undo.push(() => moveFolder(`${target}.files`, staging.files))
    }
    // safety: commit-last
    if ((await publishFile(staging.manifest, `${target}.manifest.json`)) === "taken") return "taken"
    undo.push(() => removeFile(`${target}.manifest.json`))
    const early = flushFolder(pending) // safety: flush-before-commit
    if ((await publishFile(staging.transcript, `${target}.jsonl`)) === "taken") return "taken"
    committed = true
    return flushFolder(pending) && early // safety: commit-fsync
  } finally {
    if (!committed) undoAll(undo, staging) // safety: take-back
  }
}

/** Must not mask the original error; what cannot be undone is swept by a later run. */
function undoAll(undo: readonly (() => void)[], staging: Staging): void {
  for (const step of undo.toReversed()) {
    try {
      step()
    } catch {
      staging.halfPublished = true // safety: half-published
    }
  }
}
