import * as v from "valibot"

/** The manifest: what an export holds and where it came from, with length and checksum of every file. */

export const manifestFormat = "session-rescue-manifest"
/** Version 1 (0.1.0) has `leftOut` in place of `skipped`; it can still be read. */
export const manifestVersion = 2

const sha256 = v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/))
const bytes = v.pipe(v.number(), v.integer(), v.minValue(0))
const maybe = <T extends v.GenericSchema>(schema: T) => v.nullable(schema)

/** A file that was made from rows of a database: see rows.ts. */
const rowsSchema = v.object({
  database: v.string(),
  key: v.string(),
  relations: v.object({
    root: v.object({ table: v.string(), key: v.string(), parent: v.nullable(v.string()) }),
    columns: v.array(v.string()),
    schema: v.array(v.string()),
    never: v.array(v.string()),
  }),
  version: v.string(),
  tables: v.record(v.string(), bytes),
  verified: v.string(),
})

const fileSchema = v.object({
  role: v.picklist(["transcript", "footprint"]),
  /** Path it was copied from. */
  source: v.string(),
  /** The path's bytes; set when they are not UTF-8. */
  sourceBase64: v.optional(v.string()),
  /** Relative to the client's home. */
  relative: v.string(),
  /** Why it is saved with the session (`copy`, `plan`, `kept`, `output`); absent for the client's own files. */
  tie: v.optional(v.string()),
  /**
   * How its client keeps it. `rewritten`: the whole file each time; verified means that the copy is all of the file as it
   * was at one moment. Absent: it appends; verified means that the copy is the first `length` bytes.
   */
  store: v.optional(v.literal("rewritten")),
  /** Path of the copy, relative to the manifest's folder. */
  path: v.string(),
  /** Size of the source when it was opened; exactly this many bytes were copied. */
  length: bytes,
  sha256,
  md5: v.optional(v.string()),
  modifiedAt: v.string(),
  device: v.string(),
  inode: v.string(),
  /** Time of the source's last change (ctime) in nanoseconds, as it was read; absent if a later change could have it. */
  changedAt: v.optional(v.string()),
  /** Inode of the copy as it was verified. */
  copyInode: v.optional(v.string()),
  /** Set where the source is not a file, but rows of a database that many sessions share. */
  rows: v.optional(rowsSchema),
})

const sessionSchema = v.object({
  id: v.string(),
  agent: v.pipe(v.string(), v.regex(/^[^/\0]+$/)), // it becomes a part of a path
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
  /** It belongs to the session but could not be read: the export is incomplete. */
  unread: v.optional(v.literal(true)),
})

/** How an export that is no copy of a session came to be. */
const derivationSchema = v.object({
  /**
   * `repaired`: a damaged transcript, fixed. `recovered`: put together from what survived. `shortened`: up to a point.
   * `redacted`: what looks like a secret is blacked out.
   */
  kind: v.picklist(["repaired", "recovered", "shortened", "redacted"]),
  /** What it was made from: paths, each with what it gave. */
  from: v.array(v.object({ path: v.string(), what: v.string() })),
  /** What was done, or what is missing, one sentence each. */
  notes: v.array(v.string()),
  /** Stretches that could not be read, each with its place in the source and in the file beside. */
  stretches: v.optional(
    v.array(v.object({ offset: bytes, length: bytes, kind: v.string(), file: v.string(), at: bytes })),
  ),
  /** Files of the export that are not put back with the session. */
  beside: v.optional(v.array(fileSchema)),
})
export type Derivation = v.InferOutput<typeof derivationSchema>

const common = {
  format: v.literal(manifestFormat),
  tool: v.object({ name: v.string(), version: v.string() }),
  exportedAt: v.string(),
  session: sessionSchema,
  files: v.array(fileSchema),
  links: v.array(linkSchema),
}

/** The proof stored beside an export. Written once, never changed. */
export const manifestSchema = v.object({
  ...common,
  formatVersion: v.literal(manifestVersion),
  /** Footprint files that were found but not copied, each with the reason. */
  skipped: v.array(skippedSchema),
  derivation: v.optional(derivationSchema),
})

/** Every file of an export on disk, also what is not put back. */
export function storedFiles({ files, derivation }: Manifest): readonly ManifestFile[] {
  return derivation?.beside === undefined ? files : [...files, ...derivation.beside]
}

const version1Schema = v.pipe(
  v.object({ ...common, formatVersion: v.literal(1), leftOut: v.array(skippedSchema) }),
  v.transform(
    ({ leftOut, ...rest }) => ({ ...rest, formatVersion: manifestVersion, skipped: leftOut }) as const,
  ),
)

/** Known files of the session that the export lacks. */
export function missingIn({ skipped }: Manifest): Manifest["skipped"] {
  return skipped.filter(({ unread }) => unread === true)
}

export type Manifest = v.InferOutput<typeof manifestSchema>
export type ManifestFile = v.InferOutput<typeof fileSchema>
export type SessionRecord = v.InferOutput<typeof sessionSchema>

/** Accepts any known version and returns it in the newest form. null when the text is not such a manifest. */
export function parseManifest(text: string): Manifest | null {
  try {
    const result = v.safeParse(v.union([manifestSchema, version1Schema]), JSON.parse(text))
    return result.success ? result.output : null
  } catch {
    return null
  }
}
