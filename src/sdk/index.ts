/** Everything a plugin may import as "session-rescue". */

export { leavesOf } from "../domain/conversation/json-leaves.ts"
export type {
  FileEdit,
  Part,
  PartKind,
  Picture,
  ReadParts,
  ReadRecord,
  RecordParts,
  Role,
  Usage,
} from "../domain/conversation/message-part.ts"
export { isOwnCall, isOwnTool, runsThisProgram } from "../domain/conversation/own-output.ts"
export { fullLength } from "../domain/conversation/placeholder.ts"
export {
  type CusfContent,
  type CusfHead,
  type CusfMessage,
  type CusfSource,
  cusfLines,
  cusfName,
} from "../domain/cusf/cusf.ts"
export type { RecordedMessage } from "../domain/cusf/recorded-message.ts"
export {
  type DiskPath,
  diskPath,
  joinPath,
  parentPath,
  pathBytes,
  pathKey,
  samePath,
  showPath,
} from "../domain/disk-path.ts"
export { day, formatDuration } from "../domain/duration.ts"
export { type ErrorCode, RescueError } from "../domain/errors.ts"
export { type ArchiveRecord, storedName } from "../domain/export/archive-record.ts"
export type { Exported, ExportResult, SavedExport, SavePlan } from "../domain/export/export.ts"
export type { Manifest, ManifestFile } from "../domain/export/manifest.ts"
export { outsidePath, outsideRelative } from "../domain/export/recorded-path.ts"
export { greatest, least } from "../domain/extremes.ts"
export {
  isRow,
  type RowLine,
  type RowRelations,
  type RowValue,
  rowsPath,
  type SessionRows,
  textOf,
} from "../domain/rows/rows.ts"
export { type Background, type HelperProcess, isJobOver, type RunMode } from "../domain/session/background.ts"
export {
  type ClientProgram,
  clientScriptOf,
  isClientProgram,
  isNativeClient,
  isScriptHost,
} from "../domain/session/client-program.ts"
export { isSameVersion } from "../domain/session/file-stat.ts"
export type { NameKind, SessionName } from "../domain/session/naming.ts"
export { type Pid, parsePid } from "../domain/session/pid.ts"
export type { ProgramResult } from "../domain/session/program-result.ts"
export type { ResumeLine, ResumeWay } from "../domain/session/resume.ts"
export type {
  ClientStatus,
  Filing,
  FootprintFile,
  FoundSession,
  LiveProcess,
  OpenCall,
  Session,
  SubagentTurn,
  Tie,
  Turn,
} from "../domain/session/session.ts"
export { parseSessionId, parseUuid, type SessionId, shortId, uuidIn } from "../domain/session/session-id.ts"
export type { Evidence, Flag, State, Verdict } from "../domain/session/state.ts"
export { parseTerminal, type Terminal } from "../domain/session/terminal.ts"
export { shellQuote } from "../domain/shell-quote.ts"
export type {
  ClientReading,
  JsonRecord,
  KeptFile,
  RefusedPart,
  SessionIdentity,
  SpokenWords,
  TranscriptRecordFacts,
  TranscriptRules,
} from "../domain/transcript/rules.ts"
export type { AnswerUsage, TokenCounts } from "../domain/usage/token-counts.ts"
export type { WrittenFile } from "../domain/written-file.ts"
export type { FileStat, Files, OpenFile } from "../system/fs/files.ts"
export { compressFrame, decompressFrame } from "../system/fs/zstd.ts"
export { beforeStall, Patience } from "../system/net/patience.ts"
export type { SqlConnection, SqlPlace } from "../system/net/sql.ts"
export type { SharedFolder } from "../system/net/team-folder.ts"
export type { ProcessDetails, ProcessEntry, ProcessSample } from "../system/process/processes.ts"
export { sha256Of } from "../system/writing/checksum.ts"
export type { Context, FileFacts } from "./context.ts"
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
  MissingSession,
  OptionKinds,
  Plugin,
  PostProcessContext,
  PostProcessPlugin,
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
  TokenUsageReader,
  UnknownFile,
} from "./contracts.ts"
export { type DatabaseReader, readDatabase } from "./database.ts"
export { existingHomes, type HomePlace, homeIn, namedHomes } from "./homes.ts"
export type { FileReading } from "./long-line.ts"
export { parseLine, type TranscriptRecord } from "./parse-line.ts"
export { ancestorAmong, liveProcessOf } from "./process-tree.ts"
export { listProcesses, remembered } from "./remembered.ts"
export { readHead, readTail, type TranscriptSlice } from "./slices.ts"
export { type Fields, fieldsOf, lineIn, numberIn, textIn, timeIn } from "./values.ts"

import type { Plugin } from "./contracts.ts"

/** Checks a plugin's shape at compile time and returns it unchanged. */
export function definePlugin<const T extends Plugin>(plugin: T): T {
  return plugin
}
export {
  conversationIn,
  damageFlags,
  futureToleranceMs,
  lastActivityOf,
  readEnds,
  type TranscriptEnds,
} from "./transcript-ends.ts"
