import type { Files } from "session-rescue"

/**
 * The local folder for a recorded one: itself, or the WSL path of a Windows folder; null when there is none.
 */
export function localFolder(recorded: string | null, files: Files): string | null {
  if (recorded === null) return null
  if (recorded.startsWith("/")) return recorded
  const drive = /^([A-Za-z]):[\\/](.*)$/s.exec(recorded)
  const share = /^\\\\wsl(?:\$|\.localhost)\\[^\\]+\\(.*)$/s.exec(recorded)
  const rest = (drive?.[2] ?? share?.[1])?.replaceAll("\\", "/")
  if (rest === undefined) return null
  const path = (drive === null ? `/${rest}` : `/mnt/${drive[1]?.toLowerCase()}/${rest}`).replace(/\/+$/, "")
  return isFolder(path, files) ? path : null
}

/** A link counts as its target. */
export function isFolder(path: string, files: Files): boolean {
  const real = files.stat(path) === null ? null : files.real(path)
  return real !== null && files.stat(real)?.kind === "folder"
}

/** The nearest existing folder at or above a path. */
export function nearestFolder(path: string, files: Files): string {
  for (let folder = path; folder !== ""; folder = parent(folder)) if (isFolder(folder, files)) return folder
  return "/"
}

/**
 * Whether a missing folder can be created again under the exact path a client would see: nothing in its way,
 * no link above it.
 */
export function canCreate(path: string, files: Files): boolean {
  const nearest = nearestFolder(path, files)
  if (files.real(nearest) !== nearest) return false
  const next = path.slice(nearest === "/" ? 1 : nearest.length + 1).split("/")[0]
  return files.stat(`${nearest === "/" ? "" : nearest}/${next}`) === null
}

function parent(path: string): string {
  return path.slice(0, path.lastIndexOf("/"))
}
