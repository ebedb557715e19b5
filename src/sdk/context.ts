import type { SavedExport } from "../domain/export/export.ts"
import type { HelperProcess } from "../domain/session/background.ts"
import type { FileStat } from "../domain/session/file-stat.ts"
import type { Pid } from "../domain/session/pid.ts"
import type { SessionId } from "../domain/session/session-id.ts"
import type { Terminal } from "../domain/session/terminal.ts"
import type { Files } from "../system/fs/files.ts"
import type { Processes } from "../system/process/processes.ts"

/**
 * What a plugin has read of a file, as plain data of a few kilobytes that depends on nothing but the file's contents and
 * path. The index keeps it, and returns it as long as the file has the same device, inode, size and times.
 */
export interface FileFacts {
  /** undefined when nothing is known of the file as it is now. `format`: the plugin's name and a version of the data. */
  get(path: string, stat: FileStat, format: string): unknown
  /** `stat`: what the file was like before it was read, and after. Missing where nothing is written. */
  keep?(path: string, stat: FileStat, format: string, facts: unknown): void
}

/** Read-only access to the machine, handed to every plugin. */
export interface Context {
  readonly files: Files
  readonly processes: Processes
  /** Bytes typed in a terminal and not read yet; null when unknown. */
  unreadInput(terminal: Terminal): Promise<number | null>
  /** Known exports of a session, newest first. */
  savedExports(id: SessionId): readonly SavedExport[]
  /** This program's process and the environment it was started with. */
  readonly self: {
    readonly pid: Pid
    readonly uid: number
    readonly environment: Readonly<Record<string, string>>
  }
  readonly paths: { readonly home: string; readonly data: string }
  /** Client homes from the config file, in addition to those a detect plugin knows. */
  readonly homes: readonly string[]
  /** The values under `[plugins.<name>]` in the config file, checked against the `options` that the plugin declares. */
  readonly options: Readonly<Record<string, unknown>>
  /** When this run began, milliseconds since 1970. */
  readonly now: number
  /** How long a session may be silent mid-turn before it counts as hung, in milliseconds. */
  readonly hungAfterMs: number
  /** Waits 200 ms, shared by all callers: for signals that need a second sample. */
  resample(): Promise<void>
  /** Waits two seconds, shared by all callers: for signals that 200 ms cannot decide. */
  resampleLater(): Promise<void>
  /** Prints a warning for the user; each message once. */
  warn(message: string): void
  /** What is known of files without reading them; missing where nothing is, for example in a worker process. */
  readonly facts?: FileFacts
  /** Values read during this scan: see `remembered`. A new scan starts with an empty cache. */
  readonly cache: Map<symbol, unknown>
  readonly signal: AbortSignal
  /** Records why a process that looked like a client is not one; shown by `--explain`. */
  reject(pid: Pid, why: string): void
  /** Reports a client process that holds no conversation: counted by `status`, explained to a user who names it. */
  reportHelper(process: HelperProcess): void
}
