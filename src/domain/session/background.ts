import type { Pid } from "./pid.ts"
import type { SessionId } from "./session-id.ts"
import type { Terminal } from "./terminal.ts"

/**
 * How a client is run: by a user in a terminal, once for one prompt (`claude -p`), by a program over a stream
 * (the SDK, `--input-format stream-json`), or in the background by the agent's own service.
 */
export const runModes = ["interactive", "headless", "program", "background"] as const
export type RunMode = (typeof runModes)[number]

/** Facts about a session that the agent's background service runs, or ran last. */
export interface Background {
  /** The service's name for the session, as in `claude attach NAME`. */
  readonly name: string
  /** The executable that runs it and can stop it; null when no process was seen. */
  readonly program: string | null
  /** The process that provides the session's terminal: the session ends with it. */
  readonly host: Pid | null
  /** The service process: it restarts the session when the session exits by itself. */
  readonly service: Pid | null
  /**
   * Job state reported by the service (Claude Code: `state` in jobs/SHORT/state.json): working, blocked,
   * done, stopped, …
   */
  readonly job: string | null
  /** Time of that state, milliseconds since 1970. */
  readonly jobAt: number | null
  /** Listed by the service: it restarts the session, and no other client may continue it until then. */
  readonly listed: boolean
  /** The terminal provided by the service; no user is at it. */
  readonly terminal: Terminal | null
}

/** A process of an agent's client that holds no conversation of its own. */
export interface HelperProcess {
  readonly agent: string
  readonly home: string
  readonly pid: Pid
  readonly terminal: Terminal | null
  /**
   * `service`: the background service itself. `host`: a session's terminal. `window`: shows sessions held
   * elsewhere.
   */
  readonly role: "service" | "host" | "spare" | "window" | "other"
  /** Description: `the background service (claude daemon run)`. */
  readonly message: string
  /** The sessions that it runs, or that end with it. */
  readonly sessions: readonly SessionId[]
  /** Advice for a user who named it; null when there is nothing to do. */
  readonly hint: string | null
}

const jobsOver: readonly string[] = ["stopped", "done", "failed"]

/** Whether a background service says with that state of a job that it will not run it again. */
export function isJobOver(state: string | null): boolean {
  return state !== null && jobsOver.includes(state)
}
