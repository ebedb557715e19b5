import { fold } from "./fold.ts"

/**
 * What `--project` means, everywhere: a path (`.`, `./x`, `../x`, `~/x`, `/x`) is that folder and everything below it;
 * any other text is a part of the folder's path.
 */
export interface ProjectFilter {
  /** Part of the path; null when a path was given. Case, accents and white space are ignored. */
  readonly text: string | null
  /** The folder as absolute paths: as typed, and with links resolved. Empty when a text was given. */
  readonly folders: readonly string[]
}

/** `absolute` resolves a path against the working directory, `real` resolves links; null: it does not exist. */
export function parseProjectFilter(
  typed: string,
  absolute: (path: string) => string,
  real: (path: string) => string | null,
): ProjectFilter {
  if (!/^(\/|\.{1,2}(\/|$)|~(\/|$))/.test(typed)) return { text: normalized(typed), folders: [] }
  const path = absolute(typed)
  return { text: null, folders: [...new Set([path, real(path) ?? path])] }
}

/** A folder and everything below it. */
export function folderFilter(folder: string): ProjectFilter {
  return { text: null, folders: [folder] }
}

/** A session whose folder is unknown is in no project. */
export function isInProject(folder: string | null, { text, folders }: ProjectFilter): boolean {
  if (folder === null) return false
  return text === null ? folders.some((each) => isBelow(folder, each)) : normalized(folder).includes(text)
}

/** Whether a folder is this one or below it. */
function isBelow(folder: string, top: string): boolean {
  const own = top.replace(/\/+$/, "")
  return folder === own || folder.startsWith(`${own}/`)
}

/** `shop/`, as a shell completes it, is `shop`. */
function normalized(text: string): string {
  return fold(text.replace(/\s+/g, " ").trim()).replace(/(?<=.)\/+$/, "")
}
