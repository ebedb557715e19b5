import type { SessionId } from "./session-id.ts"

/** How one conversation is brought back, or why it cannot be. */
export interface ResumeLine {
  readonly id: SessionId | null
  /** The line to paste; null when the session cannot be resumed as it is. */
  readonly command: string | null
  /** Why not. */
  readonly reason: string | null
  readonly cwd: string | null
  /** The nearest folder above `cwd` that exists, when `cwd` is gone. */
  readonly nearest: string | null
}
