/** Processes of this machine: listing, identifying, starting, and signalling them safely. */
import type { Pid } from "../../domain/session/pid.ts"
import type { Terminal } from "../../domain/session/terminal.ts"

/** One process of this machine, as far as a list of all of them shows it. Zombies are not listed. */
export interface ProcessEntry {
  readonly pid: Pid
  /** 0 or 1 when its parent is gone. */
  readonly parent: number
  /** The effective user. */
  readonly uid: number
  /** The kernel's short name (`comm`), at most 15 characters on Linux. */
  readonly name: string
  /** `ps`'s first state letter: R S D T t I. */
  readonly letter: string
  readonly terminal: Terminal | null
  /** Whether its process group is its terminal's foreground group. */
  readonly foreground: boolean
  /** Milliseconds since 1970; on Linux within a tenth of a second or so, elsewhere to the second. */
  readonly startedAt: number
  /**
   * Constant while the process lives, and different when its pid is reused. On Linux the kernel's start tick (field 22
   * of /proc/PID/stat); elsewhere the start time in seconds.
   */
  readonly startMark: string
  /** CPU time used since its start, in milliseconds, without that of exited children. */
  readonly cpuMs: number
  /** Its pid namespace as Linux names it, `pid:[NUMBER]`; null or absent where unknown. */
  readonly namespace?: string | null
  /** Its pid in that namespace, if it is in a container. */
  readonly innerPid?: number
  /** Resident memory, including pages shared with other processes (`ps`'s RSS); null where unknown. */
  readonly memoryBytes: number | null
}

/** Details only visible to the process's owner; null where the system denies access. */
export interface ProcessDetails {
  /** The path of the executable, without the kernel's " (deleted)". */
  readonly executable: string | null
  readonly argv: readonly string[]
  readonly cwd: string | null
  /** Only the requested variables. */
  readonly environment: Readonly<Record<string, string>>
}

/** CPU usage and state of a process at one moment. */
export interface ProcessSample {
  /** CPU time used since its start, in milliseconds. */
  readonly cpuMs: number
  readonly letter: string
  readonly startMark: string
  /**
   * How often its first thread has voluntarily gone to sleep since its start: a process in a busy loop never does, even
   * on a loaded machine. null or absent where the system does not count it.
   */
  readonly voluntarySwitches?: number | null
}

/** The processes of this machine. Both implementations pass the same contract tests. */
export interface Processes {
  /** All running processes, including this one. */
  list(): Promise<readonly ProcessEntry[]>
  /**
   * Details of some of this user's processes; processes that have ended are missing from the result. `variables`: names
   * of the requested environment variables.
   */
  details(pids: readonly Pid[], variables: readonly string[]): Promise<ReadonlyMap<Pid, ProcessDetails>>
  /**
   * Absolute paths of the files that some of this user's processes have open, each once; what is not a file, or is deleted,
   * is left out. Processes that have ended, or deny access, are missing from the result.
   */
  openFiles(pids: readonly Pid[]): Promise<ReadonlyMap<Pid, readonly string[]>>
  /** CPU time and state now; null when the process is gone. Cheap enough for repeated use. */
  probe(pid: Pid): Promise<ProcessSample | null>
}
