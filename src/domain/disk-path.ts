/**
 * A path as stored on disk. Valid UTF-8 names are strings; other names stay bytes, because a string could not
 * open them again.
 */
export type DiskPath = string | Uint8Array

const strict = new TextDecoder("utf-8", { fatal: true })
const encoder = new TextEncoder()

/** A string if the bytes are UTF-8, else the bytes themselves. */
export function diskPath(bytes: Uint8Array): DiskPath {
  try {
    return strict.decode(bytes)
  } catch {
    return bytes
  }
}

export function pathBytes(path: DiskPath): Uint8Array {
  return typeof path === "string" ? encoder.encode(path) : path
}

export function joinPath(folder: DiskPath, name: DiskPath): DiskPath {
  if (typeof folder === "string" && typeof name === "string") return `${folder}/${name}`
  return Buffer.concat([pathBytes(folder), Buffer.from("/"), pathBytes(name)])
}

/** The parent folder of a path. */
export function parentPath(path: DiskPath): DiskPath {
  const bytes = pathBytes(path)
  return diskPath(bytes.subarray(0, Math.max(1, bytes.lastIndexOf(0x2f))))
}

/** For display and JSON: bytes that are not UTF-8 appear as `\xNN`. */
export function showPath(path: DiskPath): string {
  if (typeof path === "string") return path
  let shown = ""
  let at = 0
  while (at < path.length) {
    const length = sequenceLength(path, at)
    const next = at + Math.max(1, length)
    if (length === 0) shown += `\\x${(path[at] ?? 0).toString(16).padStart(2, "0")}`
    else shown += strict.decode(path.subarray(at, next))
    at = next
  }
  return shown
}

/**
 * The path that `showPath` displays this way. A name that literally contains `\xNN` looks the same: try both.
 */
export function readShown(shown: string): DiskPath {
  if (!shown.includes("\\x")) return shown
  const parts = shown.split(/(\\x[0-9a-f]{2})/)
  return diskPath(
    Buffer.concat(
      parts.map((part, index) => (index % 2 === 1 ? Buffer.from(part.slice(2), "hex") : Buffer.from(part))),
    ),
  )
}

function sequenceLength(bytes: Uint8Array, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++) {
    try {
      strict.decode(bytes.subarray(at, at + length))
      return length
    } catch {
      // incomplete character
    }
  }
  return 0
}

/** A unique string for a path. */
export function pathKey(path: DiskPath): string {
  return typeof path === "string" ? path : `\0${Buffer.from(path).toString("latin1")}`
}

export function samePath(a: DiskPath, b: DiskPath): boolean {
  return typeof a === "string" || typeof b === "string" ? a === b : Buffer.compare(a, b) === 0
}
