/** Where a record lies, and whose it is. */
export interface RecordLocation {
  readonly source: number
  readonly agent: string
  readonly session: string
  /** The number of the session whose file it is, if that is another one. */
  readonly fileOwner: number | null
  readonly offset: number
  readonly length: number
}
