export interface WrittenFile {
  readonly path: string
  readonly bytes: number
  /** SHA-256 of what was written, in hex. */
  readonly sha256: string
}
