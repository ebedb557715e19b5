import type { IndexSummary } from "../domain/conversation/index-summary.ts"
import type { ReadRecord } from "../domain/conversation/message-part.ts"
import type { RecordedMessage } from "../domain/cusf/recorded-message.ts"
import type { DiskPath } from "../domain/disk-path.ts"
import type { ArchiveSource, ArchiveStaging } from "../domain/export/archive-record.ts"
import type { Exported, ExportResult, SavePlan } from "../domain/export/export.ts"
import type { ManifestFile } from "../domain/export/manifest.ts"
import type { ClientProgram } from "../domain/session/client-program.ts"
import type { ProgramResult } from "../domain/session/program-result.ts"
import type { FootprintFile, FoundSession, Session } from "../domain/session/session.ts"
import type { SessionId } from "../domain/session/session-id.ts"
import type { Verdict } from "../domain/session/state.ts"
import type { TranscriptRules } from "../domain/transcript/rules.ts"
import type { AnswerUsage } from "../domain/usage/token-counts.ts"
import type { WrittenFile } from "../domain/written-file.ts"
import type { Files } from "../system/fs/files.ts"
import type { Context } from "./context.ts"
import type { OptionKinds } from "./option-kinds.ts"
import type { SinkPlugin, StorePlugin } from "./team-contracts.ts"

/** Finds the sessions of one agent. All detect plugins run in parallel and their results are merged. */
export interface DetectPlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "detect"
  readonly agent: string
  /** The client versions it was tested with, for `doctor`. */
  readonly testedVersions?: readonly string[]
  /** Finds every session of its agent from folders and processes, without reading transcripts. */
  detect(ctx: Context): Promise<readonly FoundSession[]>
  /**
   * All sessions on disk in all its homes, in batches by folder: for the index, because there may be more of them than
   * should be in memory. Called for built-in plugins only, like `readRecord`.
   */
  storedSessions?(ctx: Context): AsyncIterable<readonly FoundSession[]>
  /**
   * Folders in which the agent writes when a session starts, goes on or exits: a live view looks again at once when one
   * changes, or is made. Few, and not recursive. Called for built-in plugins only; others are looked at by the clock.
   */
  changingFolders?(ctx: Context): readonly string[]
  /** Reads one session: its footprint, and its transcript as far as a verdict needs. Called only for sessions that are shown. */
  examine(found: FoundSession, ctx: Context): Promise<Session>
  /**
   * Files that the conversation refers to besides its own. May read the whole transcript, so it is called only when the
   * session is saved.
   */
  referencedFiles?(session: Session, ctx: Context): Promise<readonly FootprintFile[]>
  /**
   * The homes it searches, the client's default first: a session whose home no longer exists is restored
   * there.
   */
  homes?(ctx: Context): readonly string[]
  /**
   * Whether a path relative to a home may belong to that session or be tied to it; nothing else is ever restored. A path
   * outside the home is `.outside` followed by the absolute path.
   */
  ownsPath?(relative: string, id: SessionId, tie?: string): boolean
  /**
   * For a client that deletes sessions when it finds two files of one: a name that all files have in common of which it
   * accepts one, by their paths relative to a home; null for any other file. A restore never puts a second one there.
   */
  soleFile?(relative: string): string | null
  /** For `doctor`: files with a session id in their name that this version does not know, and homes that are not searched. */
  unknownFiles?(home: string, ctx: Context): readonly UnknownFile[]
  otherHomes?(ctx: Context): readonly string[]
  /** For `doctor`: sessions that the agent still lists and whose files are gone. */
  missingSessions?(ctx: Context): readonly MissingSession[]
  /** The path of a session's file, relative to its home, when the session is filed under `folder`. */
  refiledPath?(relative: DiskPath, id: SessionId, folder: string): DiskPath
  /** Reads one record of the agent's files: for the index and for `show`. */
  readonly readRecord?: ReadRecord
  /**
   * Whether a process is this agent's client, by its executable and arguments alone. No other process is ever ended as a
   * session of the agent. Called for built-in plugins only, like `sessionVariable`.
   */
  isClientProgram?(program: ClientProgram): boolean
  /** The variable with which the agent tells its tools the id of their session. */
  readonly sessionVariable?: string
  /** The variable with which it tells them the pid of its client; for agents that do not tell the session. */
  readonly processVariable?: string
  /** How its client reads a transcript: for `doctor` and `repair`. Called for built-in plugins only. */
  readonly transcriptRules?: TranscriptRules
  /** For `usage`. */
  readonly tokenUsage?: TokenUsageReader
  /** The files of a conversation besides the main transcript. Must be cheap: called for tens of thousands of sessions. */
  transcriptFiles?(
    found: FoundSession,
    ctx: Context,
  ): readonly { readonly path: DiskPath; readonly relative: DiskPath }[]
  /** Files shared by all sessions that still hold text of deleted transcripts. Read last. */
  sharedFiles?(ctx: Context): readonly { readonly path: DiskPath; readonly relative: DiskPath }[]
}

/** Reads the tokens used from one JSON line of an agent's `.jsonl` files. Called for built-in plugins only. */
export interface TokenUsageReader {
  /** Text in every line with token usage: no other line is parsed. */
  readonly mark: string
  /** null when the record is no answer of a model. Pure; never throws. */
  read(record: Readonly<Record<string, unknown>>): AnswerUsage | null
}

/** A session of which the agent has kept only its entry in a list. */
export interface MissingSession {
  readonly id: SessionId
  readonly home: string
  readonly title: string | null
  /** Where its file was. */
  readonly path: string
}

/** A file or folder in a home with a session id in its name: a copy, or of an unknown kind. */
export interface UnknownFile {
  readonly id: SessionId
  readonly path: DiskPath
  readonly relative: DiskPath
  readonly kind: "copy" | "unknown"
}

/** Called in order (`pre`, normal, `post`); the first answer that is not null decides. */
export interface ClassifyPlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "classify"
  readonly order?: "pre" | "post"
  classify(session: Session, ctx: Context): Promise<Verdict | null>
}

/** A session with its verdict. */
export type ClassifiedSession = Session & Verdict

/** What an act plugin may do besides reading: request a verified copy. It cannot end a process. */
export interface ActContext extends Context {
  save(plan: SavePlan): Promise<ExportResult>
}

/** Runs by name, on one session after another. The names `export`, `kill` and `resume` are reserved. */
export interface ActPlugin<Result = unknown> {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "act"
  act(session: ClassifiedSession, ctx: ActContext): Promise<Result>
}

/** What a post-process or archive plugin may do: read files, log, run programs. It may write anywhere. */
export interface PostProcessContext {
  readonly files: Files
  /** Adds the conversation of an export to the index; parts that are indexed already are not read again. */
  index(exported: Exported): Promise<IndexSummary>
  /**
   * The messages of an export as the index reads them, in reading order, each with the place and the sum of its raw
   * record.
   */
  messages(exported: Exported): AsyncIterable<RecordedMessage>
  /**
   * Writes a text file piece by piece, 0600, with the folders that are missing: it appears under its name once it is
   * complete and flushed. An older one of that name is replaced.
   */
  writeWhole(path: string, pieces: AsyncIterable<string>): Promise<WrittenFile>
  /** Prints a line for the user, prefixed with the plugin's name. */
  log(message: string): void
  /**
   * Runs a program without a shell; its time counts as the plugin's. Never throws for the program's exit
   * status or output.
   */
  run(program: readonly string[], options?: { readonly input?: string }): Promise<ProgramResult>
  readonly paths: { readonly home: string; readonly data: string }
  /**
   * The values under `[plugins.<name>]` in the config file, checked against the `options` that the plugin
   * declares.
   */
  readonly options: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal
}

/**
 * Called for one export after another, possibly twice for the same one: a run counts only once it has
 * returned. `export`: after a command's acts (for a kill, after the process is gone); `cx`: when pending
 * exports are processed. A user plugin runs in a process of its own.
 */
export interface PostProcessPlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "post-process"
  readonly on: "export" | "cx"
  readonly order?: "pre" | "post"
  /** Options without which it does not run: as if it were switched off. */
  readonly needs?: readonly string[]
  /** Plain data in, plain data out: the result is stored beside the export and shown with `--json`. */
  run(exported: Exported, ctx: PostProcessContext): Promise<unknown>
}

/**
 * Converts an export to its permanent form, and back. The config selects one (`archiver = "…"`). The host
 * publishes, decodes everything again, compares it with the manifest, and only then removes the raw export.
 */
export interface ArchivePlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "archive"
  store(exported: Exported, staging: ArchiveStaging, ctx: ArchiveContext): Promise<void>
  /** One file of the export from byte `from` on; a piece may be reused once the next one is requested. */
  open(source: ArchiveSource, file: ManifestFile, from: number): AsyncIterable<Uint8Array>
}

/** The context of an archive plugin. */
export type ArchiveContext = Pick<PostProcessContext, "files" | "log" | "options" | "signal">

export type { ArchiveFile, ArchiveSource, ArchiveStaging } from "../domain/export/archive-record.ts"
export type { OptionKinds } from "./option-kinds.ts"
export type {
  SinkAnswer,
  SinkContext,
  SinkPart,
  SinkPhrase,
  SinkPlugin,
  SinkQuery,
  SinkQuestion,
  StoreContext,
  StoredObject,
  StoreObject,
  StorePlugin,
} from "./team-contracts.ts"

export const stages = ["detect", "classify", "act", "post-process", "archive", "store", "sink"] as const
export type Stage = (typeof stages)[number]

export type Plugin =
  | DetectPlugin
  | ClassifyPlugin
  | ActPlugin
  | PostProcessPlugin
  | ArchivePlugin
  | StorePlugin
  | SinkPlugin
