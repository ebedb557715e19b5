import * as v from "valibot"

export const manifestFormat = "session-rescue-manifest"
export const manifestVersion = 1

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
  /** The copy, relative to the folder the manifest stands in. */
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

const leftOutSchema = v.object({
  source: v.string(),
  sourceBase64: v.optional(v.string()),
  relative: v.string(),
  why: v.string(),
  /** It is of the session, and could not be read: the export is not all there was. */
  unread: v.optional(v.literal(true)),
})

/** The proof that lies beside an export. Written once, never changed. */
export const manifestSchema = v.object({
  format: v.literal(manifestFormat),
  formatVersion: v.literal(manifestVersion),
  tool: v.object({ name: v.string(), version: v.string() }),
  exportedAt: v.string(),
  session: sessionSchema,
  files: v.array(fileSchema),
  links: v.array(linkSchema),
  /** Files of the footprint that were seen and hold no copy here, each with the reason. */
  leftOut: v.array(leftOutSchema),
})

/** What an export lacks of its session, as far as is known. */
export function missingIn({ leftOut }: Manifest): Manifest["leftOut"] {
  return leftOut.filter(({ unread }) => unread === true)
}

export type Manifest = v.InferOutput<typeof manifestSchema>
export type ManifestFile = v.InferOutput<typeof fileSchema>
export type SessionRecord = v.InferOutput<typeof sessionSchema>

/** null when the text is no manifest of a format this version knows. */
export function parseManifest(text: string): Manifest | null {
  try {
    const result = v.safeParse(manifestSchema, JSON.parse(text))
    return result.success ? result.output : null
  } catch {
    return null
  }
}
