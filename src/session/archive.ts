import * as v from "valibot"

export const archiveFormat = "session-rescue-archive"
export const archiveVersion = 1

/**
 * What lies beside an archived export as `<name>.archive.json`: who made it, of what, and what it consists of. It is
 * published last: its name is the commit. The export's own manifest stands beside it unchanged and stays the proof.
 */
export const archiveSchema = v.object({
  format: v.literal(archiveFormat),
  formatVersion: v.literal(archiveVersion),
  tool: v.object({ name: v.string(), version: v.string() }),
  /** The archive plugin's name: the one that can open it again. */
  archiver: v.string(),
  archivedAt: v.string(),
  /** Of the manifest's bytes. */
  manifestSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Every file the archiver made, relative to the folder this record stands in. */
  stored: v.array(
    v.object({
      path: v.string(),
      length: v.pipe(v.number(), v.integer(), v.minValue(0)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
})

export type ArchiveRecord = v.InferOutput<typeof archiveSchema>

/** null when the text is no record of a format this version knows. */
export function parseArchiveRecord(text: string): ArchiveRecord | null {
  try {
    const result = v.safeParse(archiveSchema, JSON.parse(text))
    return result.success ? result.output : null
  } catch {
    return null
  }
}
