import type { SessionId } from "./session-id.ts"

/** How one conversation is brought back, or why it cannot be. */
export interface ResumeLine {
  readonly id: SessionId | null
  /** The line to paste; null when the session cannot be resumed as it is. */
  readonly command: string | null
  /** The folder, there already, in which the command starts the client; null when there is no such folder or command. */
  readonly start: string | null
  /** Why not. */
  readonly reason: string | null
  /** What is to be known of the command: its folder is gone, and where the client goes on. */
  readonly note: string | null
  readonly cwd: string | null
  /** The nearest folder above `cwd` that exists, when `cwd` is gone. */
  readonly nearest: string | null
  /** Where no command finds it: ours that files it under a folder that is there; FOLDER stands in it where none is known. */
  readonly rehome: string | null
}
