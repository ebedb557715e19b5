import { type DiskPath, diskPath, pathBytes, showPath } from "../disk-path.ts"
import type { Manifest } from "./manifest.ts"

/** What a manifest says of where a file or a link was. */
export interface RecordedPath {
  readonly source: string
  readonly sourceBase64?: string | undefined
  readonly relative: string
  readonly tie?: string | undefined
}

/**
 * Where something belongs, relative to its client's home, as the disk had it: a name that is not UTF-8 comes back as
 * its bytes. null when the manifest contradicts itself, or leads out of the home.
 */
export function placeInHome({ source, sourceBase64, relative }: RecordedPath, home: string): DiskPath | null {
  if (sourceBase64 === undefined) return safePathParts(relative) === null ? null : relative // safety: restore-contained
  const bytes = Buffer.from(sourceBase64, "base64")
  const prefix = Buffer.from(`${home}/`)
  if (!bytes.subarray(0, prefix.length).equals(prefix)) return null
  const place = diskPath(bytes.subarray(prefix.length))
  const agrees = showPath(place) === relative && showPath(diskPath(bytes)) === source
  return agrees && safePathParts(place) !== null ? place : null
}

/** Below it an export keeps what lies outside of the client's home, under its absolute path. */
const outside = ".outside"

/** What a manifest calls a file that lies outside of the home. */
export function outsideRelative(path: string): string {
  return `${outside}${path}`
}

/** The absolute path of such a file; null for one of the home's own. */
export function outsidePath(relative: string): string | null {
  return relative.startsWith(`${outside}/`) ? relative.slice(outside.length) : null
}

/** The names on the way down to a path; null for one that is absolute, empty, or holds `..`, `.` or a NUL. */
export function safePathParts(path: DiskPath): readonly DiskPath[] | null {
  const parts: DiskPath[] = []
  let bytes = pathBytes(path)
  if (bytes.includes(0)) return null
  for (let at = 0; at !== -1; ) {
    at = bytes.indexOf(0x2f)
    const part = diskPath(at === -1 ? bytes : bytes.subarray(0, at))
    if (part === "" || part === "." || part === "..") return null
    parts.push(part)
    bytes = bytes.subarray(at + 1)
  }
  return parts
}

/** What tells the files of one home apart in its exports. */
export function recordedKey({ relative, sourceBase64 }: RecordedPath): string {
  return `${sourceBase64 ?? ""}:${relative}`
}

/** Bytes of everything a manifest names. */
export function totalBytes({ files }: Manifest): number {
  return files.reduce((sum, file) => sum + file.length, 0)
}
