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
   * What never changes while the process lives and differs when its number is reused. On Linux the kernel's
   * start tick (field 22 of /proc/PID/stat); elsewhere the start time in seconds.
   */
  readonly startMark: string
  /** CPU time used since its start, in milliseconds; not that of children that have ended. */
  readonly cpuMs: number
  /** Its pid namespace as Linux names it, `pid:[NUMBER]`; null or missing where that cannot be told. */
  readonly namespace?: string | null
  /** Its number in that namespace, where it is in a container of its own. */
  readonly innerPid?: number
  /** Memory that is resident now, pages shared with other processes among it (`ps`'s RSS); null where that is unknown. */
  readonly memoryBytes: number | null
}

/** What only the process's owner may see; null where the system refuses. */
export interface ProcessDetails {
  /** The path of the executable, without the kernel's " (deleted)". */
  readonly executable: string | null
  readonly argv: readonly string[]
  readonly cwd: string | null
  /** Only the variables asked for. */
  readonly environment: Readonly<Record<string, string>>
}

/** How a process fares with the processor, at one moment. */
export interface ProcessSample {
  /** CPU time used since its start, in milliseconds. */
  readonly cpuMs: number
  readonly letter: string
  readonly startMark: string
  /**
   * How often its first thread has gone to sleep by itself since its start: on a crowded machine, too, what spins never
   * does. null or missing where the system does not count it.
   */
  readonly voluntarySwitches?: number | null
}

/** The processes of this machine. Both implementations pass the same contract tests. */
export interface Processes {
  /** Every process that is alive, with our own among them. */
  list(): Promise<readonly ProcessEntry[]>
  /**
   * Looks closer at some of this user's processes; one that has ended meanwhile is missing from the answer.
   * `variables` names the environment variables wanted.
   */
  details(pids: readonly Pid[], variables: readonly string[]): Promise<ReadonlyMap<Pid, ProcessDetails>>
  /** CPU time and state now; null when the process is gone. Cheap: meant for a second look. */
  probe(pid: Pid): Promise<ProcessSample | null>
}
