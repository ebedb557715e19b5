import { type DiskPath, diskPath, pathBytes, showPath } from "../disk-path.ts"
import type { Manifest } from "./manifest.ts"

/** How a manifest records the path of a file or link. */
export interface RecordedPath {
  readonly source: string
  readonly sourceBase64?: string | undefined
  readonly relative: string
  readonly tie?: string | undefined
}

/**
 * The path relative to the client's home, as on disk: a name that is not UTF-8 is returned as bytes. null when the
 * manifest contradicts itself or the path leads out of the home.
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

/** Folder of an export for files from outside the client's home, stored under their absolute path. */
const outside = ".outside"

/** The relative path under which a manifest records a file outside the home. */
export function outsideRelative(path: string): string {
  return `${outside}${path}`
}

/** The absolute path of such a file; null for a file inside the home. */
export function outsidePath(relative: string): string | null {
  return relative.startsWith(`${outside}/`) ? relative.slice(outside.length) : null
}

/** The components of a path; null when it is absolute, empty, or contains `..`, `.` or a NUL. */
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

/** Identifies a file among the exports of one home. */
export function recordedKey({ relative, sourceBase64 }: RecordedPath): string {
  return `${sourceBase64 ?? ""}:${relative}`
}

/** Total size of the files a manifest names, in bytes. */
export function totalBytes({ files }: Manifest): number {
  return files.reduce((sum, file) => sum + file.length, 0)
}
