import { createHash } from "node:crypto"
import { type DiskPath, diskPath, pathBytes } from "../../domain/disk-path.ts"

/** Longest file name, in bytes, that every filesystem in use accepts. */
const maxNameBytes = 255

/**
 * The path of a footprint file in the export: its own, encoded part by part. Control characters and bytes that are
 * not UTF-8 become %XX, so that any checksum tool can handle the name; the manifest keeps the original. A name that
 * already looks encoded is encoded too, so that no two names collide. `taken`: the names given so far.
 */
export function copyName(relative: DiskPath, taken: ReadonlySet<string>): string {
  const name = encode(relative)
  if (!taken.has(name)) return name // safety: name-taken
  for (let number = 2; ; number++) if (!taken.has(`${name}~${number}`)) return `${name}~${number}`
}

function encode(relative: DiskPath): string {
  return splitBytes(pathBytes(relative)).map(encodePart).join("/")
}

function encodePart(bytes: Uint8Array): string {
  const text = diskPath(bytes)
  if (typeof text === "string" && !unsafeName.test(text)) return text
  const encoded = Buffer.from(bytes)
    .toString("latin1")
    .replace(
      /^\.{0,2}$|[^\u0020-\u007e]|%/g,
      (chars) => [...chars].map(percent).join("") || "%", // an empty part or `..` would lead out of the folder
    )
  if (encoded.length <= maxNameBytes) return encoded
  return `name-${createHash("sha256").update(bytes).digest("hex")}`
}

// safety: name-stays-inside
const unsafeName = /[\u0000-\u001f\u007f]|%[0-9A-F]{2}|^\.{0,2}$|^%$/

function percent(char: string): string {
  return `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`
}

function splitBytes(bytes: Uint8Array): Uint8Array[] {
  const parts: Uint8Array[] = []
  let from = 0
  for (let at = bytes.indexOf(0x2f); at !== -1; at = bytes.indexOf(0x2f, from)) {
    parts.push(bytes.subarray(from, at))
    from = at + 1
  }
  return [...parts, bytes.subarray(from)]
}
