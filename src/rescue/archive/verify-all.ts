import type { ManifestFile } from "../../domain/export/manifest.ts"
import type { Progress } from "../../domain/progress.ts"
import { checkpoint } from "../../system/runtime/yield.ts"
import { damagedError } from "../verify/archive-reader.ts"
import { verifyDecoded } from "../verify/verify-archived.ts"
import { findRawDamage, type RawExport } from "./remove-raw.ts"

/** Throws unless every file of the export decodes to what the manifest says and the raw export holds. */
export async function verifyAll(
  raw: RawExport,
  decode: (file: ManifestFile) => AsyncIterable<Uint8Array>,
  progress: Progress,
): Promise<void> {
  for (const { file, source } of raw.files) {
    await checkpoint(progress)
    try {
      const { same } = await verifyDecoded(file, decode(file), source, false, progress)
      // safety: archive-same-as-raw
      if (!same)
        throw damagedError(`${file.path} was archived, but ${source.path} no longer holds the same bytes`)
    } catch (error) {
      throw (await findRawDamage(file, source, progress)) ?? error
    }
  }
}
