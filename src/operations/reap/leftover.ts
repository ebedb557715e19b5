import type { SessionId } from "../../domain/session/session-id.ts"
import type { ProcessEntry } from "../../system/process/processes.ts"

/**
 * `server`: it is spoken to through its input (MCP, a language server), and by nobody any more. `tool`: the shell of a
 * tool call. `hook`. `host`: the terminal of a background session that does not exist. `spare`: a client that waits for a
 * session. `other`: what else a session started.
 */
export type LeftoverKind = "server" | "tool" | "hook" | "host" | "spare" | "other"

/** A process that has outlived the session it names, and all below it. */
export interface Leftover {
  readonly process: ProcessEntry
  readonly kind: LeftoverKind
  readonly command: string
  /** null where it does not name one: pty hosts, and what clients before 2.1 have started. */
  readonly session: SessionId | null
  /** Everything below it, nearest first: it ends with it. */
  readonly below: readonly { readonly process: ProcessEntry; readonly command: string }[]
  /** Why it is taken for one. */
  readonly why: string
  /**
   * `certain`: nothing can need it. `unsure`: something may, so it is ended only when named. `kept`: it is never ended.
   */
  readonly standing: "certain" | "unsure" | "kept"
  /** Why it is not certain, or never ended. */
  readonly but: string | null
}
