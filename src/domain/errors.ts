export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  refused: 4,
  interrupted: 130,
} as const
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes]

const exits = {
  INTERNAL: exitCodes.failed,
  USAGE: exitCodes.usage,
  AMBIGUOUS: exitCodes.usage,
  SESSION_NOT_FOUND: exitCodes.notFound,
  /** No export or archive has that name. */
  EXPORT_NOT_FOUND: exitCodes.notFound,
  /** The index does not exist yet, or has no matches. */
  NO_INDEX: exitCodes.notFound,
  NOTHING_FOUND: exitCodes.notFound,
  DISK_FULL: exitCodes.failed,
  NO_PERMISSION: exitCodes.failed,
  READ_ONLY: exitCodes.failed,
  FILE_TOO_LARGE: exitCodes.failed,
  SOURCE_IS_LINK: exitCodes.failed,
  SOURCE_NOT_REGULAR: exitCodes.failed,
  SOURCE_GONE: exitCodes.failed,
  SOURCE_CHANGED: exitCodes.failed,
  COPY_MISMATCH: exitCodes.failed,
  CANNOT_READ: exitCodes.failed,
  CANNOT_WRITE: exitCodes.failed,
  UNSAFE_FOLDER: exitCodes.failed,
  ANSWER_LOST: exitCodes.failed,
  /** The contents of an export or archive do not match its manifest. */
  DAMAGED: exitCodes.failed,
  PLUGIN_FAILED: exitCodes.failed,
  PLUGIN_NOT_FOUND: exitCodes.notFound,
  /** The team's store does not answer now: offline, busy, not mounted. Time fixes it; nothing counts as failed. */
  STORE_UNAVAILABLE: exitCodes.failed,
  /** The team's store says no, and will again until a person changes something. */
  STORE_REFUSED: exitCodes.refused,
  /** The store holds something else under a name that was to be created. */
  STORE_CONFLICT: exitCodes.refused,
  REFUSED: exitCodes.refused,
  INTERRUPTED: exitCodes.interrupted,
} as const satisfies Record<string, ExitCode>
export type ErrorCode = keyof typeof exits

/**
 * The only error that this program throws on purpose. `message` says what happened to what, `hint` what to do
 * next. Never branch on a class name (names are minified): branch on `code`.
 */
export class RescueError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  constructor(code: ErrorCode, message: string, hint: string, options?: { cause?: unknown }) {
    super(message, options)
    this.code = code
    this.hint = hint
  }
  get exitCode(): ExitCode {
    return exits[this.code]
  }
}

/** Ctrl-C or a signal. `outcome`: what did not happen because of it. */
export function interrupted(outcome: string | null = null, hint = "run it again"): RescueError {
  return new RescueError("INTERRUPTED", outcome === null ? "interrupted" : `interrupted: ${outcome}`, hint)
}

/** Wraps an unexpected error. */
export function unexpected(cause: unknown, hint: string): RescueError {
  const message = cause instanceof Error ? cause.message : String(cause)
  return new RescueError("INTERNAL", `unexpected: ${message}`, hint, { cause })
}

/** A name that matches several sessions; `lines` lists them. */
export function ambiguousName(
  name: string,
  count: number,
  lines: readonly string[],
  hint: string,
): RescueError {
  return new RescueError("AMBIGUOUS", `"${name}" matches ${count} sessions:\n${lines.join("\n")}`, hint)
}

/** The system's name of an error, such as `ENOENT`; empty for any other error. */
export function errnoOf(error: unknown): string {
  const code = (error as NodeJS.ErrnoException | null | undefined)?.code
  return typeof code === "string" ? code : ""
}

export function isRescueError(error: unknown): error is RescueError {
  return error instanceof RescueError
}
