import { exportName } from "../session/export.ts"
import type { SessionId } from "../session/session-id.ts"
import { flushFolder, publishFile, publishFolder, removeFile, withdrawFolder } from "../system/durable.ts"
import { writeTrouble } from "../system/trouble.ts"
import type { Staging } from "./staging.ts"

export interface Published {
  readonly name: string
  /** false: the folder could not be flushed, so the name may be lost in a power cut. */
  readonly confirmed: boolean
}

/**
 * Gives a finished staging its names, never replacing anything: the other files, then the manifest, and the
 * `.jsonl` last, because its name is the commit. A name that is taken makes it the next second's.
 */
export async function publish(
  pending: string,
  staging: Staging,
  id: SessionId,
  at: Date,
  hasFiles: boolean,
  prepare: (name: string) => Promise<void>,
): Promise<Published> {
  for (let time = at.getTime(); ; time += 1000) {
    const name = exportName(id, new Date(time))
    await prepare(name)
    try {
      const confirmed = await publishAs(pending, staging, name, hasFiles)
      if (confirmed !== "taken") return { name, confirmed }
    } catch (error) {
      throw writeTrouble(error, `${pending}/${name}.jsonl`)
    }
  }
}

async function publishAs(
  pending: string,
  staging: Staging,
  name: string,
  hasFiles: boolean,
): Promise<boolean | "taken"> {
  const target = `${pending}/${name}`
  const undo: (() => void)[] = []
  const back = () => {
    for (const step of undo.toReversed()) step()
  }
  try {
    if (hasFiles) {
      if (publishFolder(staging.files, `${target}.files`) === "taken") return "taken"
      undo.push(() => withdrawFolder(`${target}.files`, staging.files))
    }
    if ((await publishFile(staging.manifest, `${target}.manifest.json`)) === "taken") {
      back()
      return "taken"
    }
    undo.push(() => removeFile(`${target}.manifest.json`))
    const early = flushFolder(pending)
    if ((await publishFile(staging.transcript, `${target}.jsonl`)) === "taken") {
      back()
      return "taken"
    }
    return flushFolder(pending) && early
  } catch (error) {
    back()
    throw error
  }
}
