/** Location of a record, and its owner. */
export interface RecordLocation {
  readonly source: number
  readonly agent: string
  readonly session: string
  /** Id of the session that owns the file, if it is another one. */
  readonly fileOwner: number | null
  readonly offset: number
  readonly length: number
}
