/** Sessions: their identity, processes, transcripts and state. */
import type { DiskPath } from "../disk-path.ts"
import type { SessionRows } from "../rows/rows.ts"
import type { Background, RunMode } from "./background.ts"
import type { FileStat } from "./file-stat.ts"
import type { SessionName } from "./naming.ts"
import type { Pid } from "./pid.ts"
import type { ResumeWay } from "./resume.ts"
import type { SessionId } from "./session-id.ts"
import type { Evidence, Flag } from "./state.ts"
import type { Terminal } from "./terminal.ts"

/** The live process of a session, as last observed. */
export interface LiveProcess {
  readonly pid: Pid
  readonly terminal: Terminal | null
  /** State letter of `ps`: R S D T t I. */
  readonly letter: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Distinguishes processes that reuse the same pid. */
  readonly startMark: string
  /** CPU time since its start, in milliseconds. */
  readonly cpuMs: number
  /** Whether its process group is the terminal's foreground group. */
  readonly foreground: boolean
  /** Live direct children, oldest first. */
  readonly children: readonly {
    readonly pid: Pid
    readonly startedAt: number
    readonly terminal: Terminal | null
    readonly command: string
  }[]
  /** The process at its terminal, where that is only a window of the service that runs the session. */
  readonly window?: Pid
  /** Filled in by this program on request; values from plugins are ignored. */
  readonly usage?: ResourceUsage
}

/**
 * Resource usage of a session's process and its descendants, except descendant sessions, which are counted
 * separately with their own descendants.
 */
export interface ResourceUsage {
  /**
   * Sum of the resident memory. Pages shared between processes are counted once per process, so this is an
   * upper bound of what ending them frees. null when the system does not report it.
   */
  readonly memoryBytes: number | null
  /** CPU time of the live processes, each since its own start, in milliseconds. */
  readonly cpuMs: number
  /** Number of processes, including its own. */
  readonly processes: number
}

/** Status reported by the client (Claude Code 2.1: `sessions/PID.json`). */
export interface ClientStatus {
  readonly status: "idle" | "busy" | "waiting" | "shell" | null
  readonly waitingFor: string | null
  /** Time of the last status change, milliseconds since 1970. */
  readonly since: number | null
  /** The process that wrote it is gone: it did not exit cleanly. */
  readonly stale: boolean
  /** Runs without a user (`claude -p`, the SDK) and reports no status. */
  readonly headless: boolean
  /** Cannot have been written on this machine since its last boot (a network home, a container). */
  readonly foreign: boolean
  /** Values that this version does not know, one sentence each. Nothing is concluded from them. */
  readonly unknown?: readonly string[]
}

/** A tool call without a result. */
export interface OpenCall {
  readonly tool: string
  /** Milliseconds since 1970. */
  readonly at: number | null
  /** One-line summary of its input: a shell command, a file path, a question. */
  readonly summary?: string | null
}

/** A subagent whose own turn is not over. */
export interface SubagentTurn {
  readonly name: string
  /** Time of the newest record of its conversation, including tool output: milliseconds since 1970. */
  readonly lastMessageAt: number | null
  readonly openCalls: readonly OpenCall[]
}

/** The state of the conversation according to the last records of the transcript. */
export interface Turn {
  readonly phase: "ended" | "mid-turn" | "unknown"
  /** Tool calls without a result, oldest first. */
  readonly openCalls: readonly OpenCall[]
  /** Timestamp of the newest record, milliseconds since 1970. */
  readonly lastRecordAt: number | null
  /**
   * Time of the newest record that carries the conversation (user, model or tool, including subagents); the
   * client's bookkeeping does not count. Milliseconds since 1970; null or missing when no such record has a
   * time.
   */
  readonly lastMessageAt?: number | null
  /**
   * Times of unanswered requests to the model since the last conversation record, oldest first, from the
   * transcript with the most of them: milliseconds since 1970. More than one is a retry.
   */
  readonly unansweredRequests?: readonly number[]
  /** Subagents whose own turn is not over, while the session's process lives. */
  readonly subagents?: readonly SubagentTurn[]
  readonly message: string
}

export interface FootprintFile {
  readonly path: DiskPath
  /** Relative to the client's home. */
  readonly relative: DiskPath
  readonly kind: "file" | "link" | "other"
  readonly size: number
  /** Milliseconds since 1970. */
  readonly modifiedAt: number
  /** Why it is saved with the session; absent for the client's own files. */
  readonly tie?: Tie
  /** Why it is intentionally not copied; recorded in the manifest. */
  readonly skipReason?: string
  /** `rewritten`: its client writes the whole file each time. Absent: it appends, or never changes it. */
  readonly store?: FileStore
}

export type FileStore = "rewritten"

/**
 * `copy`: a copy of a session file under a name that contains its id. `plan`: the plan that its records name.
 * `kept`: a file kept by another session that its records refer to. `output`: command output outside the
 * home.
 */
const ties = ["copy", "plan", "kept", "output"] as const
export type Tie = (typeof ties)[number]

/**
 * A session as found by a detect plugin: what directories and processes show, without reading transcripts.
 * Cheap enough for tens of thousands of sessions.
 */
export interface FoundSession {
  readonly agent: string
  readonly id: SessionId | null
  readonly home: string
  /** The main transcript; null when it does not exist (yet, or any more). */
  readonly transcript: DiskPath | null
  /** Size and modification time of the transcript; 0 and null without one. */
  readonly transcriptSize: number
  readonly modifiedAt: number | null
  /** The stat result of the transcript, to save another call where it is recent enough. */
  readonly transcriptStat?: FileStat | null
  readonly process: LiveProcess | null
  /** All possible transcripts, when the process could not be matched to one. */
  readonly candidates: readonly FoundSession[]
  /**
   * Set when the session is rows of a database that many sessions share: then `transcript` is its name among them
   * (`DATABASE#ID`), which is not a file.
   */
  readonly rows?: SessionRows
  /** Set when this program runs inside the session, with the reason. */
  readonly current: Evidence | null
  readonly reported: ClientStatus | null
  /** Why nothing tells whether a process has it, for an agent that leaves no trace of that. */
  readonly livenessUnknown?: string
  /** How it is run; null or missing when unknown. */
  readonly mode?: RunMode | null
  /** Set for a session that the agent's background service runs, or ran last. */
  readonly background?: Background | null
  /**
   * Transcripts with the same id in other project folders of its home; each is also listed as a session of
   * its own.
   */
  readonly elsewhere?: readonly DiskPath[]
  /** When the client will delete it: milliseconds since 1970, null if never. */
  readonly purgeAt: number | null
  /** Names known without reading the transcript: its given name, pane or folder. */
  readonly names?: readonly SessionName[]
  /** How this process and this transcript were matched, and what was rejected. */
  readonly identity: readonly Evidence[]
  readonly flags: readonly Flag[]
  /** Private data of the plugin that found it (plain data). */
  readonly detectData: Readonly<Record<string, unknown>>
}

/**
 * The folder under which the agent files a conversation; started from another folder, the client may not find
 * it.
 */
export interface Filing {
  /** false: filed under a folder name that cannot be resolved. */
  readonly known: boolean
  /** The folder named in its records, when the conversation is filed under another one. */
  readonly recorded: string | null
  /** The source of the folder it is filed under, in words. */
  readonly message: string
}

/** A session whose transcript and footprint have been read as far as a verdict needs. */
export interface Session extends FoundSession {
  readonly footprint: readonly FootprintFile[]
  /** What only its process still holds, by the path that it had: no file has it any more, and no export. */
  readonly lost?: readonly { readonly source: string; readonly relative: string; readonly why: string }[]
  /** Total bytes of the footprint. */
  readonly sizeBytes: number
  /** Milliseconds since 1970: the newest record of the conversation; without times, the newest write in the footprint. */
  readonly lastActivity: number | null
  readonly turn: Turn
  /** "empty": read completely and contains no message; "unreadable": no line could be read. */
  readonly conversation: "whole" | "empty" | "unreadable" | "none"
  /** It ended with the client's own exit record; null when this client version writes none. */
  readonly exitedCleanly: boolean | null
  readonly title: string | null
  /** The folder of the conversation: the one it is filed under, if known, else the one in its records. */
  readonly cwd: string | null
  /** How the folder was determined. */
  readonly filing?: Filing | null
  readonly gitBranch: string | null
  readonly version: string | null
  readonly startedAt: number | null
  /** Tokens in the context: what the last answer was made from, and the answer. null after a compaction. */
  readonly contextTokens: number | null
  /** The part of `contextTokens` that was sent to the model: input, and input read from and written to the cache. */
  readonly contextInputTokens?: number | null
  /** The model of the last answer; `[1m]` at its end means that the user chose its longer window. */
  readonly model?: string | null
  /** Tokens that the model's context can hold; null or missing when that is not known. */
  readonly contextWindow?: number | null
  /** Tokens at which its agent compacts the context by itself; null or missing when that is not known. */
  readonly compactsAt?: number | null
  /** When the context was compacted last, as far as was read: milliseconds since 1970. */
  readonly compactedAt?: number | null
  /** How its agent goes on with it; null or missing when that is not known. */
  readonly resumeWay?: ResumeWay | null
  /** What a person does to stop its turn alone. */
  readonly turnStop?: string | null
}

/** When a session was last active: milliseconds since 1970. Without a file on disk, when its process started. */
export function activityTime(session: FoundSession & { readonly lastActivity?: number | null }): number {
  return session.lastActivity ?? session.modifiedAt ?? session.process?.startedAt ?? 0
}

/** Unique key of a session: the client home with the transcript, or else the process. */
export function sessionKey(session: FoundSession): string {
  const place = session.transcript === null ? `pid ${session.process?.pid ?? session.id}` : session.transcript
  return `${session.home}\0${typeof place === "string" ? place : Buffer.from(place).toString("latin1")}`
}
