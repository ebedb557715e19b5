import type { DiskPath } from "../domain/disk-path.ts"
import type { SavedExport } from "../domain/export/export.ts"
import type { HelperProcess } from "../domain/session/background.ts"
import type { Pid } from "../domain/session/pid.ts"
import type { SessionId } from "../domain/session/session-id.ts"
import type { Terminal } from "../domain/session/terminal.ts"
import type { Files } from "../system/fs/files.ts"
import type { Processes } from "../system/process/processes.ts"

/** What every plugin gets from the machine: looking, never touching. */
export interface Context {
  readonly files: Files
  readonly processes: Processes
  /** Typed bytes standing unread in a terminal; null where that cannot be told. */
  unreadInput(terminal: Terminal): Promise<number | null>
  /** Exports of a session that are known, newest first. */
  savedExports(id: SessionId): readonly SavedExport[]
  /** Our own process and what it was started with. */
  readonly self: {
    readonly pid: Pid
    readonly uid: number
    readonly environment: Readonly<Record<string, string>>
  }
  readonly paths: { readonly home: string; readonly data: string }
  /** Client homes named in the config file, beyond those a detect plugin knows by itself. */
  readonly homes: readonly string[]
  /** What the config file says under `[plugins.<name>]`, checked against the `options` that the plugin declares. */
  readonly options: Readonly<Record<string, unknown>>
  /** Milliseconds since 1970 at which this run began. */
  readonly now: number
  /** How long a session may be silent in the middle of a turn, in milliseconds. */
  readonly hungAfterMs: number
  /** Waits 200 ms, once for all who ask: for signals that need a second look. */
  resample(): Promise<void>
  /** Waits two seconds, once for all who ask: for what 200 ms cannot tell. */
  resampleLater(): Promise<void>
  /** Tells the person something that is no failure; once for each message. */
  warn(message: string): void
  /** What was read in this look and is asked for again: see `remembered`. A fresh look begins with an empty one. */
  readonly cache: Map<symbol, unknown>
  readonly signal: AbortSignal
  /** A process that was taken for a client at first, and why it is none: shown by `--explain`. */
  reject(pid: Pid, why: string): void
  /** A process of an agent's client that holds no conversation: counted, and explained to whoever names it. */
  reportHelper(process: HelperProcess): void
}

export type { DiskPath }
