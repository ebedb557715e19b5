import * as v from "valibot"

export const archiveFormat = "session-rescue-archive"
export const archiveVersion = 1

/**
 * What lies beside an archived export as `<name>.archive.json`: who made it, of what, and what it consists of. It is
 * published last: its name is the commit. The export's own manifest stands beside it unchanged and stays the proof.
 */
const archiveSchema = v.object({
  format: v.literal(archiveFormat),
  formatVersion: v.literal(archiveVersion),
  tool: v.object({ name: v.string(), version: v.string() }),
  /** The archive plugin's name: the one that can open it again. */
  archiver: v.string(),
  archivedAt: v.string(),
  /** Of the manifest's bytes. */
  manifestSha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
  /** Every file the archiver made, relative to the folder this record stands in; the first stands for the whole. */
  stored: v.array(
    v.object({
      path: v.string(),
      length: v.pipe(v.number(), v.integer(), v.minValue(0)),
      sha256: v.pipe(v.string(), v.regex(/^[0-9a-f]{64}$/)),
    }),
  ),
})

export type ArchiveRecord = v.InferOutput<typeof archiveSchema>
export type StoredFile = ArchiveRecord["stored"][number]

/** null when the text is no record of a format this version knows. */
export function parseArchiveRecord(text: string): ArchiveRecord | null {
  try {
    const result = v.safeParse(archiveSchema, JSON.parse(text))
    return result.success ? result.output : null
  } catch {
    return null
  }
}

/** Where an archiver puts what it makes. Every name begins with the export's own and a dot, and is used once. */
export interface ArchiveStaging {
  create(name: string): ArchiveFile
  /** Takes a file of the export as it is, by its path in the manifest; without a second copy where the disk can. */
  keep(name: string, path: string): Promise<void>
}

/** One file after another: `end` comes before the next is created. */
export interface ArchiveFile {
  add(bytes: Uint8Array): Promise<void>
  end(): Promise<void>
}

/** Reads the files that an archiver made, by the names it gave them; throws where there is no such file. */
export interface ArchiveSource {
  names(): readonly string[]
  length(name: string): number
  /** Fewer bytes only at the file's end. */
  read(name: string, offset: number, length: number): Promise<Uint8Array>
}

/**
 * Whether a name is one that an archive of this export may consist of: below its own folder, beginning with its
 * own name. A record that names anything else is not followed.
 */
export function isStoredName(path: string, name: string): boolean {
  const parts = path.split("/")
  const own = path.startsWith(`${name}.`) && !path.includes("\0")
  const reserved = path === `${name}.manifest.json` || path === `${name}.archive.json`
  return own && !reserved && !parts.some((part) => part === "" || part === "." || part === "..")
}

/** Bytes a single file name may have on every filesystem in use. */
const maxNameBytes = 255

/**
 * The name of what an archiver makes of one file: the file's own with an ending. One that would be too long for
 * the disk is cut, and what was cut stands for itself as a number.
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

/** FNV-1a, 64 bits, in hexadecimal: to tell long names apart, not to prove anything. */
function fingerprint(bytes: Uint8Array): string {
  let hash = 0xcbf29ce484222325n
  for (const byte of bytes) hash = ((hash ^ BigInt(byte)) * 0x100000001b3n) & 0xffffffffffffffffn
  return hash.toString(16).padStart(16, "0")
}
