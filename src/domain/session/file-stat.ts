/** The result of lstat on a path. */
export interface FileStat {
  readonly kind: "file" | "folder" | "link" | "other"
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  readonly device: number
  readonly inode: number
  readonly owner: number
}
