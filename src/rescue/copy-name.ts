import { createHash } from "node:crypto"
import { type DiskPath, pathBytes, showPath } from "../session/disk-path.ts"

/** Bytes a single file name may have on every filesystem in use. */
const longest = 255

/**
 * The name a file of the footprint gets in the export: its own, part by part. Control characters and bytes that
 * are not UTF-8 become %XX, so that any checksum tool can be handed the name; the manifest keeps the original.
 * `taken` are the names given so far.
 */
export function copyName(relative: DiskPath, taken: ReadonlySet<string>): string {
  const name = encode(relative)
  if (!taken.has(name)) return name
  for (let number = 2; ; number++) if (!taken.has(`${name}~${number}`)) return `${name}~${number}`
}

function encode(relative: DiskPath): string {
  if (typeof relative === "string" && !/[\u0000-\u001f\u007f]/.test(relative)) return relative
  return splitBytes(pathBytes(relative)).map(encodePart).join("/")
}

function encodePart(bytes: Uint8Array): string {
  const shown = showPath(typeof bytes === "string" ? bytes : bytes)
  const text = isPlain(bytes) ? shown : Buffer.from(bytes).toString("latin1")
  const encoded = isPlain(bytes)
    ? text
    : text.replace(
        /[^\u0020-\u007e]|%/g,
        (char) => `%${char.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
      )
  if (Buffer.byteLength(encoded) <= longest) return encoded
  return `name-${createHash("sha256").update(bytes).digest("hex")}`
}

function isPlain(bytes: Uint8Array): boolean {
  try {
    return !/[\u0000-\u001f\u007f]/.test(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    return false
  }
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
