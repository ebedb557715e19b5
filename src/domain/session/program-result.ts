/** The result of running a program. */
export interface ProgramResult {
  /** null when it could not be started or was killed by a signal. */
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}
