/** What became of a program that was run. */
export interface ProgramResult {
  /** null when it could not be started or was ended by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}
