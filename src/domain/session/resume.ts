import type { SessionId } from "./session-id.ts"

/** How an agent goes on with one conversation, as its detect plugin says. */
export interface ResumeWay {
  /** The client's name and its arguments: `["codex", "resume", ID]`. */
  readonly command: readonly string[]
  /** false: the client finds the conversation from any folder. */
  readonly onlyInFolder: boolean
  /** A service that runs the conversation lets the command join it. */
  readonly joins: boolean
  /** The variable that moves the agent's home, and the folder below the user's home without it: `CODEX_HOME`, `.codex`. */
  readonly homeVariable: string
  readonly homeFolder: string
  /** The variable names the folder above the home. */
  readonly homeIsAbove?: true
  /** Why its client would not go on with it as it is now. */
  readonly obstacle?: string
  /** What a person has to know before. */
  readonly note?: string
}

/** Where Claude Code keeps its home: its plugin builds its lines itself. */
export const claudeHome = { homeVariable: "CLAUDE_CONFIG_DIR", homeFolder: ".claude" } as const

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
