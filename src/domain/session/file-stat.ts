/** The result of lstat on a path. */
export interface FileStat {
  readonly kind: "file" | "folder" | "link" | "other"
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** When its contents, name or permissions last changed (ctime); no program can set it. Milliseconds since 1970. */
  readonly changedAt: number
  readonly device: number
  readonly inode: number
  readonly owner: number
}

/** The same for as long as nobody writes to the file, renames it, or puts another one in its place. */
export type FileVersion = Pick<FileStat, "device" | "inode" | "size" | "modifiedAt" | "changedAt">

/** Whether it is the same file, and nobody has written to it. */
export function isSameVersion(a: FileVersion, b: FileVersion): boolean {
  return (
    a.inode === b.inode &&
    a.size === b.size &&
    a.changedAt === b.changedAt &&
    a.modifiedAt === b.modifiedAt &&
    a.device === b.device
  )
}

const fineTickMs = 100
const coarseTickMs = 2500

/**
 * Whether a write from now on certainly gives the file another time: the clock of a file system ticks every few
 * milliseconds, of some only every two seconds. A time in the future says nothing.
 */
export function hasSettled({ modifiedAt, changedAt }: FileStat, now: number): boolean {
  const isCoarse = changedAt % 1000 === 0
  return now - Math.max(modifiedAt, changedAt) > (isCoarse ? coarseTickMs : fineTickMs)
}
