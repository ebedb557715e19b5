/** The result of lstat on a path. */
export interface FileStat {
  readonly kind: "file" | "folder" | "link" | "other"
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** When its contents, name or permissions last changed (ctime); nobody can set it. Milliseconds since 1970. */
  readonly changedAt: number
  readonly device: number
  readonly inode: number
  readonly owner: number
}
