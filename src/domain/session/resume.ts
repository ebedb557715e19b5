import type { SessionId } from "./session-id.ts"

/** How to resume a conversation, or why that is not possible. */
export interface ResumeLine {
  readonly id: SessionId | null
  /** The command to paste; null when the session cannot be resumed as it is. */
  readonly command: string | null
  /** The existing folder in which the command starts the client; null without such a folder or command. */
  readonly start: string | null
  /** Why there is no command. */
  readonly reason: string | null
  /** A remark about the command: the folder is gone, or where the client continues. */
  readonly note: string | null
  readonly cwd: string | null
  /** The nearest existing parent folder of `cwd`, when `cwd` is gone. */
  readonly nearest: string | null
  /**
   * For a session that no client command finds: our command that files it under an existing folder; contains
   * FOLDER when no folder is known.
   */
  readonly rehome: string | null
}
