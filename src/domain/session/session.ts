import type { DiskPath } from "../disk-path.ts"
import type { Background, RunMode } from "./background.ts"
import type { FileStat } from "./file-stat.ts"
import type { SessionName } from "./naming.ts"
import type { Pid } from "./pid.ts"
import type { SessionId } from "./session-id.ts"
import type { Evidence, Flag } from "./state.ts"
import type { Terminal } from "./terminal.ts"

/** The live process of a session, as the system showed it when it was looked at. */
export interface LiveProcess {
  readonly pid: Pid
  readonly terminal: Terminal | null
  /** `ps`'s state letter: R S D T t I. */
  readonly letter: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  /** Differs when the pid is used again. */
  readonly startMark: string
  /** CPU time used since its start, in milliseconds. */
  readonly cpuMs: number
  /** Whether its process group is the terminal's foreground group. */
  readonly foreground: boolean
  /** Direct children that are alive, oldest first. */
  readonly children: readonly {
    readonly pid: Pid
    readonly startedAt: number
    readonly terminal: Terminal | null
    readonly command: string
  }[]
  /** Filled in by this program where it is asked for, whatever a plugin says. */
  readonly usage?: ResourceUsage
}

/**
 * What a session's process and everything below it take together. A session below it counts for itself, and so does
 * all that is below that one.
 */
export interface ResourceUsage {
  /**
   * Their resident memory, added up: pages that several of them share are counted for each, so it is the most that
   * ending them can free. null where the system does not tell.
   */
  readonly memoryBytes: number | null
  /** CPU time of those that are alive, each since its own start, in milliseconds. */
  readonly cpuMs: number
  /** How many processes that are, its own among them. */
  readonly processes: number
}

/** What the client itself says about a session (Claude Code 2.1: `sessions/PID.json`). */
export interface ClientStatus {
  readonly status: "idle" | "busy" | "waiting" | "shell" | null
  readonly waitingFor: string | null
  /** Since when the status holds, milliseconds since 1970. */
  readonly since: number | null
  /** The process that wrote it is gone: it died without saying goodbye. */
  readonly stale: boolean
  /** It runs without a person at it (`claude -p`, the SDK) and gives no status. */
  readonly headless: boolean
  /** It cannot have been written on this machine since its last start (a network home, a container). */
  readonly foreign: boolean
  /** Values in it that this version does not know, one sentence each. Nothing is concluded from them. */
  readonly unknown?: readonly string[]
}

/** A tool's call without a result. */
export interface OpenCall {
  readonly tool: string
  /** Milliseconds since 1970. */
  readonly at: number | null
  /** What it is to do, in one short line: a shell's command, a file's path, a question. */
  readonly summary?: string | null
}

/** A subagent whose own turn is not over. */
export interface SubagentTurn {
  readonly name: string
  /** The newest record of what it, its model or its tools said: milliseconds since 1970. */
  readonly lastMessageAt: number | null
  readonly openCalls: readonly OpenCall[]
}

/** Where the conversation stands according to the last records of the transcript. */
export interface Turn {
  readonly phase: "ended" | "mid-turn" | "unknown"
  /** Tool calls without a result, oldest first. */
  readonly openCalls: readonly OpenCall[]
  /** The newest record's own time, milliseconds since 1970. */
  readonly lastRecordAt: number | null
  /**
   * The newest record that carries the conversation, a subagent's too: what a person, the model or a tool said. The
   * client's bookkeeping is none. Milliseconds since 1970; null or missing where no such record gives its time.
   */
  readonly lastMessageAt?: number | null
  /**
   * When the model was asked without an answer, oldest first, in whichever transcript it was asked most often since that
   * one's own last record of the conversation: milliseconds since 1970. More than one is a retry.
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
  /** Why it is saved with the session, where it is none of its client's own files. */
  readonly tie?: Tie
  /** Why it is not copied, though it could be: the manifest says so. */
  readonly skipReason?: string
}

/**
 * `copy`: somebody's copy of a file of it, under a name that carries its id. `plan`: the plan its records name.
 * `kept`: what another session keeps and its records point to. `output`: of a command, outside of the home.
 */
const ties = ["copy", "plan", "kept", "output"] as const
export type Tie = (typeof ties)[number]

/**
 * One session as a detect plugin found it: what a look at folders and processes shows, without reading
 * transcripts. Cheap enough for tens of thousands.
 */
export interface FoundSession {
  readonly agent: string
  readonly id: SessionId | null
  readonly home: string
  /** The main transcript; null when there is none (yet, or any more). */
  readonly transcript: DiskPath | null
  /** The transcript's size and time; 0 and null without one. */
  readonly transcriptSize: number
  readonly modifiedAt: number | null
  /** The whole of that look at the transcript, so that nobody has to look again who wants no newer one. */
  readonly transcriptStat?: FileStat | null
  readonly process: LiveProcess | null
  /** Every transcript it may be, when the process could not be matched to one. */
  readonly candidates: readonly FoundSession[]
  /** Set when the asking program runs inside this session, with the reason. */
  readonly current: Evidence | null
  readonly reported: ClientStatus | null
  /** How it is run; null or missing where nothing says so. */
  readonly mode?: RunMode | null
  /** Set for a session that the agent's background service runs, or ran last. */
  readonly background?: Background | null
  /** Transcripts of the same id under other project folders of its home: each is a session of its own here. */
  readonly elsewhere?: readonly DiskPath[]
  /** When the client will delete it: milliseconds since 1970, null if never. */
  readonly purgeAt: number | null
  /** Names it goes by, as far as they are known without its transcript: one that it was given, its pane, its folder. */
  readonly names?: readonly SessionName[]
  /** How this process and this transcript were matched, and what was rejected. */
  readonly identity: readonly Evidence[]
  readonly flags: readonly Flag[]
  /** What only the plugin that found it understands (plain data). */
  readonly detectData: Readonly<Record<string, unknown>>
}

/** Under which folder an agent keeps a conversation: asked elsewhere, it may not find it. */
export interface Filing {
  /** false: under the name of a folder that nobody knows. */
  readonly known: boolean
  /** The folder its records name, where the conversation is filed under another one. */
  readonly recorded: string | null
  /** Who names the folder it is filed under, in words. */
  readonly message: string
}

/** A session whose transcript and footprint have been read as far as a verdict needs. */
export interface Session extends FoundSession {
  readonly footprint: readonly FootprintFile[]
  /** Bytes of the whole footprint. */
  readonly sizeBytes: number
  /**
   * When the conversation last went on, milliseconds since 1970: the time of the newest record that carries it. Where no
   * record says so, the newest write in the whole footprint.
   */
  readonly lastActivity: number | null
  readonly turn: Turn
  /** "empty": it was read whole and holds no message; "unreadable": no line of it could be read. */
  readonly conversation: "whole" | "empty" | "unreadable" | "none"
  /** It ended with the client's own last words; null where this version has none. */
  readonly exitedCleanly: boolean | null
  readonly title: string | null
  /** The folder the conversation belongs to: the one it is filed under, where that is known, else the one its records name. */
  readonly cwd: string | null
  /** How that is known. */
  readonly filing?: Filing | null
  readonly gitBranch: string | null
  readonly version: string | null
  readonly startedAt: number | null
  readonly contextTokens: number | null
}

/** What tells two sessions apart: the client home and the transcript, or else the process. */
export function sessionKey(session: FoundSession): string {
  const place = session.transcript === null ? `pid ${session.process?.pid ?? session.id}` : session.transcript
  return `${session.home}\0${typeof place === "string" ? place : Buffer.from(place).toString("latin1")}`
}
