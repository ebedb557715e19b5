import type { Pid } from "./pid.ts"
import type { SessionId } from "./session-id.ts"
import type { Terminal } from "./terminal.ts"

/**
 * How a client is run: by a person in a terminal, once for one prompt (`claude -p`), by a program that goes on
 * speaking to it (the SDK, `--input-format stream-json`), or in the background by the agent's own service.
 */
export const runModes = ["interactive", "headless", "program", "background"] as const
export type RunMode = (typeof runModes)[number]

/** What is known of a session that the agent's background service runs, or ran last. */
export interface Background {
  /** The service's own name of the session, as `claude attach NAME` takes it. */
  readonly name: string
  /** The executable that runs it, and so the one that can stop it; null when no process of it was seen. */
  readonly program: string | null
  /** The process that gives the session its terminal: the session ends with it. */
  readonly host: Pid | null
  /** The service's process: it starts the session again when it ends by itself. */
  readonly service: Pid | null
  /** What the service says of it (Claude Code: `state` in jobs/SHORT/state.json): working, blocked, done, stopped, … */
  readonly job: string | null
  /** When it said so, milliseconds since 1970. */
  readonly jobAt: number | null
  /** The service lists it: it restarts the session, and no other client may continue it until then. */
  readonly listed: boolean
  /** The terminal that the service gave it: nobody sits at it. */
  readonly terminal: Terminal | null
}

/** A process of an agent's client that holds no conversation of its own. */
export interface HelperProcess {
  readonly agent: string
  readonly home: string
  readonly pid: Pid
  readonly terminal: Terminal | null
  /** `service`: the background service itself. `host`: a session's terminal. `window`: shows sessions held elsewhere. */
  readonly role: "service" | "host" | "spare" | "window" | "other"
  /** What it is, in words: `the background service (claude daemon run)`. */
  readonly message: string
  /** The sessions that end with it, or that it runs. */
  readonly sessions: readonly SessionId[]
  /** What a person who named it can do; null when nothing is to be done. */
  readonly hint: string | null
}
