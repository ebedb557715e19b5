/** Everything a plugin may import as "session-rescue". */

export type { Context } from "./pipeline/context.ts"
export type {
  ActContext,
  ActPlugin,
  ArchiveContext,
  ArchiveFile,
  ArchivePlugin,
  ArchiveSource,
  ArchiveStaging,
  ClassifiedSession,
  ClassifyPlugin,
  DetectPlugin,
  Oddity,
  OptionKinds,
  Plugin,
  PostProcessContext,
  PostProcessPlugin,
} from "./pipeline/stages.ts"
export { type ArchiveRecord, storedName } from "./session/archive.ts"
export type { Background, HelperProcess, RunMode } from "./session/background.ts"
export { clientScriptOf, isNativeClient, isScriptHost } from "./session/client-program.ts"
export {
  type DiskPath,
  diskPath,
  joinPath,
  parentPath,
  pathBytes,
  pathKey,
  samePath,
  showPath,
} from "./session/disk-path.ts"
export { day, sayDuration } from "./session/duration.ts"
export { type ErrorCode, RescueError } from "./session/errors.ts"
export type { Exported, ExportResult, SavedExport, SavePlan } from "./session/export.ts"
export type { Manifest, ManifestFile } from "./session/manifest.ts"
export type { NameKind, SessionName } from "./session/naming.ts"
export type { Part, PartKind, ReadRecord, RecordParts, Role, Usage } from "./session/part.ts"
export { type Pid, parsePid } from "./session/pid.ts"
export { outsidePath, outsidePlace } from "./session/place.ts"
export type { ProgramResult } from "./session/program.ts"
export type { ResumeLine } from "./session/resume.ts"
export type {
  AgentTurn,
  Filing,
  FootprintFile,
  FoundSession,
  LiveProcess,
  OpenCall,
  Reported,
  Session,
  Tie,
  Turn,
} from "./session/session.ts"
export { parseSessionId, type SessionId, sessionIdIn } from "./session/session-id.ts"
export { lengthOf } from "./session/stand-in.ts"
export type { Evidence, Flag, State, Verdict } from "./session/state.ts"
export { parseTerminal, type Terminal } from "./session/terminal.ts"
export type { FileLook, Files } from "./system/files.ts"
export type { ProcessDetails, ProcessEntry, Pulse } from "./system/processes.ts"
export { compressFrame, decompressFrame } from "./system/zstd.ts"

import type { Plugin } from "./pipeline/stages.ts"

/** Checks a plugin's shape where it is written, and gives it back as it is. */
export function definePlugin<const T extends Plugin>(plugin: T): T {
  return plugin
}
