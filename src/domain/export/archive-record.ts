import * as v from "valibot"

export const archiveFormat = "session-rescue-archive"
export const archiveVersion = 1

/**
 * The record beside an archived export, `<name>.archive.json`: which archiver made it, from what, and the files it
 * consists of. It is published last: its name is the commit. The export's own manifest is kept beside it unchanged
 * and remains the proof.
 */
const archiveSchema = v.object({
  format: v.literal(archiveFormat),
  formatVersion: v.literal(archiveVersion),
  tool: v.object({ name: v.string(), version: v.string() }),
  /** Name of the archive plugin, which is needed to read it back. */
  archiver: v.string(),
  archivedAt: v.string(),
  /** Checksum of the manifest file. */
  manifestSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Every file the archiver made, relative to the record's folder; the first one represents the whole export. */
  stored: v.array(
    v.object({
      path: v.string(),
      length: v.pipe(v.number(), v.integer(), v.minValue(0)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
      /** As it was published. */
      inode: v.optional(v.string()),
    }),
  ),
})

export type ArchiveRecord = v.InferOutput<typeof archiveSchema>
export type StoredFile = ArchiveRecord["stored"][number]

/** null when the text is not a record of a format this version knows. */
export function parseArchiveRecord(text: string): ArchiveRecord | null {
  try {
    const result = v.safeParse(archiveSchema, JSON.parse(text))
    return result.success ? result.output : null
  } catch {
    return null
  }
}

/** Where an archiver writes its output. Every name begins with the export's own and a dot, and is used once. */
export interface ArchiveStaging {
  create(name: string): ArchiveFile
  /** Stores a file of the export unchanged, by its path in the manifest; as a hard link where the disk supports it. */
  keep(name: string, path: string): Promise<void>
}

/** Files are written one at a time: call `end` before creating the next. */
export interface ArchiveFile {
  add(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
}

/** Reads the files that an archiver made, by the names it gave them; throws when a file does not exist. */
export interface ArchiveSource {
  names(): readonly string[]
  length(name: string): number
  /** Returns fewer bytes than asked only at the end of the file. */
  read(name: string, offset: number, length: number): Promise<Uint8Array>
}

/**
 * Whether an archive of this export may contain a file of this name: a relative path without `..` that starts with
 * the export's own name and a dot. Other names in a record are never followed.
 */
export function isStoredName(path: string, name: string): boolean {
  const parts = path.split("/")
  const own = path.startsWith(`${name}.`) && !path.includes("\0")
  const reserved = path === `${name}.manifest.json` || path === `${name}.archive.json`
  return own && !reserved && !parts.some((part) => part === "" || part === "." || part === "..")
}

/** Longest file name, in bytes, that every filesystem in use accepts. */
const maxNameBytes = 255

/**
 * The name of the file an archiver makes from `path`: the same name plus an ending. A name too long for the
 * filesystem is cut and gets a hash of the full path.
 */
export function storedName(path: string, ending: string): string {
  const cut = path.lastIndexOf("/") + 1
  const [folder, name] = [path.slice(0, cut), path.slice(cut)]
  const encoder = new TextEncoder()
  if (encoder.encode(name + ending).length <= maxNameBytes) return folder + name + ending
  let short = name
  while (encoder.encode(short).length > 200) short = short.slice(0, -1)
  return `${folder}${short.toWellFormed()}~${fingerprint(encoder.encode(path))}${ending}`
}

/** FNV-1a, 64 bits, in hexadecimal: distinguishes long names; not a proof of anything. */
function fingerprint(bytes: Uint8Array): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, "0")
}
