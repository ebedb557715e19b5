export type { ReadStored } from "../domain/export/export.ts"

import type { IndexSummary } from "../domain/conversation/index-summary.ts"
import type { ReadRecord } from "../domain/conversation/message-part.ts"
import type { DiskPath } from "../domain/disk-path.ts"
import type { ArchiveSource, ArchiveStaging } from "../domain/export/archive-record.ts"
import type { Exported, ExportResult, SavePlan } from "../domain/export/export.ts"
import type { ManifestFile } from "../domain/export/manifest.ts"
import type { ProgramResult } from "../domain/session/program-result.ts"
import type { FootprintFile, FoundSession, Session } from "../domain/session/session.ts"
import type { SessionId } from "../domain/session/session-id.ts"
import type { Verdict } from "../domain/session/state.ts"
import type { Files } from "../system/fs/files.ts"
import type { Context } from "./context.ts"

/** The options a plugin knows, each with the kind of its value: any other in the config file is named and left out. */
export type OptionKinds = Readonly<Record<string, "string" | "number" | "boolean" | "strings">>

/** All detect plugins run in parallel; what they find is put together. One plugin an agent. */
export interface DetectPlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "detect"
  readonly agent: string
  /** The versions of its agent's client that it was tried with, for `doctor`. */
  readonly testedVersions?: readonly string[]
  /** Finds every session of its agent from folders and processes, without reading transcripts. */
  detect(ctx: Context): Promise<readonly FoundSession[]>
  /**
   * The sessions that lie on the disk of all its homes, whoever holds them, in batches of neighbours: for the index,
   * where there may be more of them than memory should hold. Asked of built-in plugins only, as their `parts` are.
   */
  storedSessions?(ctx: Context): AsyncIterable<readonly FoundSession[]>
  /** Reads one of them: its footprint, and its transcript as far as a verdict needs. Asked only for those shown. */
  examine(found: FoundSession, ctx: Context): Promise<Session>
  /**
   * Files that its conversation points to besides its own. May read the transcript whole: asked only when the session is
   * saved.
   */
  referencedFiles?(session: Session, ctx: Context): Promise<readonly FootprintFile[]>
  /** The homes it looks into, the client's own first: there a session goes whose own home is gone. */
  homes?(ctx: Context): readonly string[]
  /**
   * Whether a path relative to a home may belong to that session, or be tied to it. Nothing else is ever put back there.
   * One outside of the home is `.outside` and its absolute path.
   */
  ownsPath?(relative: string, id: SessionId, tie?: string): boolean
  /** For `doctor`: what carries a session's id in a home and is not understood, and homes that nobody looks into. */
  unknownFiles?(home: string, ctx: Context): readonly UnknownFile[]
  otherHomes?(ctx: Context): readonly string[]
  /** Where a file of a session lies, relative to its home, once the session is filed under that folder. */
  refiledPath?(relative: DiskPath, id: SessionId, folder: string): DiskPath
  /** What is said in one record of its agent's files: for the index and for showing a session. */
  readonly readRecord?: ReadRecord
  /** The files of a session's conversation besides its transcript, cheaply: tens of thousands are asked for. */
  transcriptFiles?(
    found: FoundSession,
    ctx: Context,
  ): readonly { readonly path: DiskPath; readonly relative: DiskPath }[]
  /** Files that all sessions share, in which something is left of those whose transcripts are gone. Read last. */
  sharedFiles?(ctx: Context): readonly { readonly path: DiskPath; readonly relative: DiskPath }[]
}

/** A file or folder of a home that a session's id is in the name of: somebody's copy, or of an unknown kind. */
export interface UnknownFile {
  readonly id: SessionId
  readonly path: DiskPath
  readonly relative: DiskPath
  readonly kind: "copy" | "unknown"
}

/** Asked in order (`pre`, normal, `post`); the first that does not answer null decides. */
export interface ClassifyPlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "classify"
  readonly order?: "pre" | "post"
  classify(session: Session, ctx: Context): Promise<Verdict | null>
}

/** A session with its verdict. */
export type ClassifiedSession = Session & Verdict

/** What an act plugin may do beyond looking: ask for a verified copy. Ending a process is not among it. */
export interface ActContext extends Context {
  save(plan: SavePlan): Promise<ExportResult>
}

/** The named one is run, one session after another. The names `export`, `kill` and `resume` are reserved. */
export interface ActPlugin<Result = unknown> {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "act"
  act(session: ClassifiedSession, ctx: ActContext): Promise<Result>
}

/** What a post-process or archive plugin may do: read, say something, run a program. It may write where it likes. */
export interface PostProcessContext {
  readonly files: Files
  /** Reads what was said in an export into the index; what is there already is not read again. */
  index(exported: Exported): Promise<IndexSummary>
  /** A line for the person, under the plugin's name. */
  log(message: string): void
  /** Runs a program without a shell; its time is the plugin's. Never throws for what the program answers. */
  run(program: readonly string[], options?: { readonly input?: string }): Promise<ProgramResult>
  readonly paths: { readonly home: string; readonly data: string }
  /** What the config file says under `[plugins.<name>]`, checked against the `options` that the plugin declares. */
  readonly options: Readonly<Record<string, unknown>>
  readonly signal: AbortSignal
}

/**
 * Called for one export after another, and perhaps twice for one: what it has done is only known once it came back.
 * `export`: when a command's acts are done (for a kill, after the process is gone); `cx`: when pending exports are
 * processed. A user's runs in a process of its own.
 */
export interface PostProcessPlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "post-process"
  readonly on: "export" | "cx"
  readonly order?: "pre" | "post"
  /** Plain data in, plain data out: what it answers is kept beside the export and shown with `--json`. */
  run(exported: Exported, ctx: PostProcessContext): Promise<unknown>
}

/**
 * Turns an export into what is kept for good, and back. One is chosen by the config (`archiver = "…"`). The host
 * publishes, decodes everything again, compares it with the manifest, and only then removes the raw export.
 */
export interface ArchivePlugin {
  readonly name: string
  readonly options?: OptionKinds
  readonly stage: "archive"
  store(exported: Exported, staging: ArchiveStaging, ctx: ArchiveContext): Promise<void>
  /** One file of the export from byte `from` on; each piece is done with when the next is asked for. */
  open(source: ArchiveSource, file: ManifestFile, from: number): AsyncIterable<Uint8Array>
}

/** What an archiver gets: looking and saying, and where to put what it makes. */
export type ArchiveContext = Pick<PostProcessContext, "files" | "log" | "options" | "signal">

export type { ArchiveFile, ArchiveSource, ArchiveStaging } from "../domain/export/archive-record.ts"

export const stages = ["detect", "classify", "act", "post-process", "archive"] as const
export type Stage = (typeof stages)[number]

export type Plugin = DetectPlugin | ClassifyPlugin | ActPlugin | PostProcessPlugin | ArchivePlugin
