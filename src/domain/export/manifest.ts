import * as v from "valibot"

/** The manifest: what an export holds, from where, with length and checksum of every file. */

export const manifestFormat = "session-rescue-manifest"
/** Version 1 (0.1.0) has `leftOut` in place of `skipped`, and is still read. */
export const manifestVersion = 2

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0))
const maybe = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)

const fileSchema = v.object({
  role: v.picklist(["transcript", "footprint"]),
  /** Where it was copied from. */
  source: v.string(),
  /** Set when the source's name is not UTF-8: its bytes. */
  sourceBase64: v.optional(v.string()),
  /** Relative to the client's home. */
  relative: v.string(),
  /** Why it is saved with the session (`copy`, `plan`, `kept`, `output`); missing for its client's own files. */
  tie: v.optional(v.string()),
  /** The copy, relative to the manifest's folder. */
  path: v.string(),
  /** The source's size when it was opened; exactly this many bytes were copied. */
  length: bytes,
  sha256,
  md5: v.optional(v.string()),
  modifiedAt: v.string(),
  device: v.string(),
  inode: v.string(),
})

const sessionSchema = v.object({
  id: v.string(),
  agent: v.string(),
  home: v.string(),
  transcript: maybe(v.string()),
  cwd: maybe(v.string()),
  title: maybe(v.string()),
  state: v.string(),
  detail: v.string(),
  flags: v.array(v.string()),
  lastRecordAt: maybe(v.string()),
})

const linkSchema = v.object({
  source: v.string(),
  sourceBase64: v.optional(v.string()),
  relative: v.string(),
  target: v.string(),
  targetBase64: v.optional(v.string()),
})

const skippedSchema = v.object({
  source: v.string(),
  sourceBase64: v.optional(v.string()),
  relative: v.string(),
  why: v.string(),
  /** It belongs to the session and could not be read: the export is incomplete. */
  unread: v.optional(v.literal(true)),
})

const common = {
  format: v.literal(manifestFormat),
  tool: v.object({ name: v.string(), version: v.string() }),
  exportedAt: v.string(),
  session: sessionSchema,
  files: v.array(fileSchema),
  links: v.array(linkSchema),
}

/** The proof beside an export. Written once, never changed. */
export const manifestSchema = v.object({
  ...common,
  formatVersion: v.literal(manifestVersion),
  /** Files of the footprint that were seen and not copied, each with the reason. */
  skipped: v.array(skippedSchema),
})

const version1Schema = v.pipe(
  v.object({ ...common, formatVersion: v.literal(1), leftOut: v.array(skippedSchema) }),
  v.transform(
    ({ leftOut, ...rest }) => ({ ...rest, formatVersion: manifestVersion, skipped: leftOut }) as const,
  ),
)

/** Files of the session that the export does not have, as far as is known. */
export function missingIn({ skipped }: Manifest): Manifest["skipped"] {
  return skipped.filter(({ unread }) => unread === true)
}

export type Manifest = v.InferOutput<typeof manifestSchema>
export type ManifestFile = v.InferOutput<typeof fileSchema>
export type SessionRecord = v.InferOutput<typeof sessionSchema>

/** Any version, in the form of the newest. null when the text is not a manifest of a known version. */
export function parseManifest(text: string): Manifest | null {
  try {
    const result = v.safeParse(v.union([manifestSchema, version1Schema]), JSON.parse(text))
    return result.success ? result.output : null
  } catch {
    return null
  }
}
