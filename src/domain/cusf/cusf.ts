/**
 * CUSF, the common format of sessions: JSON Lines, the first of which describes the session, and then one line for each
 * message. Each names the raw record from which it was read, by place and sum: what a line does not carry is there.
 */
import type { Part, Role } from "../conversation/message-part.ts"
import { parseExportName } from "../export/export.ts"
import type { Manifest } from "../export/manifest.ts"
import { version } from "../version.ts"
import type { RecordedMessage } from "./recorded-message.ts"

const cusfVersion = 1

/** CODITECT's names of agents, by ours. */
const llmNames: Readonly<Record<string, string>> = { "claude-code": "claude" }

/** The first line. */
export interface CusfHead {
  readonly _meta: {
    readonly format: "cusf"
    readonly version: number
    /** The agent: `claude`, `codex`. */
    readonly llm: string
    readonly session_id: string
    /** `full`: every message of the export. */
    readonly export_type: "full"
    readonly exported_at: string
    readonly title: string | null
    readonly cwd: string | null
    /** The verified export that was read, and the SHA-256 of its manifest. */
    readonly export: string
    readonly manifest_sha256: string
    readonly tool: string
  }
}

export interface CusfContent {
  /** `text`, `thinking`, `tool_use`, `tool_result`, `attachment`, `summary`, `compaction`, `title` or `prompt`. */
  readonly type: Part["kind"]
  readonly text: string
  /** Set where it is another's than the message's. */
  readonly role?: Role
  readonly tool?: string
  readonly call_id?: string
  readonly command?: string
  readonly files?: readonly string[]
  readonly is_error?: boolean
}

/** Every other line. */
export interface CusfMessage {
  /** From 1, in reading order: the conversation first, then its subagents, then tool output in files of its own. */
  readonly seq: number
  readonly session_id: string
  readonly role: Role
  readonly timestamp: string | null
  readonly model: string | null
  readonly subagent: string | null
  readonly content: readonly CusfContent[]
  readonly usage: {
    readonly input: number
    readonly cache_write: number
    readonly cache_read: number
    readonly output: number
  } | null
  /** Why the bytes are no record; then there is no content. */
  readonly damaged: string | null
  /** The raw record: a file of the export by its path in the agent's home, a byte range of it, and its SHA-256. */
  readonly source: {
    readonly file: string
    readonly offset: number
    readonly length: number
    readonly sha256: string
  }
}

export type CusfLine = CusfHead | CusfMessage

export interface CusfSource {
  readonly name: string
  readonly manifest: Manifest
  readonly manifestSha256: string
}

/** The lines of a file, each with its line end. */
export async function* cusfLines(
  source: CusfSource,
  messages: AsyncIterable<RecordedMessage>,
): AsyncGenerator<string> {
  yield `${JSON.stringify(cusfHead(source))}\n`
  let seq = 0
  for await (const message of messages)
    yield `${JSON.stringify(cusfMessage(message, ++seq, source.manifest.session.id))}\n`
}

export function cusfHead({ name, manifest, manifestSha256 }: CusfSource): CusfHead {
  const { session, exportedAt } = manifest
  return {
    _meta: {
      format: "cusf",
      version: cusfVersion,
      llm: llmName(session.agent),
      session_id: session.id,
      export_type: "full",
      exported_at: exportedAt,
      title: session.title,
      cwd: session.cwd,
      export: name,
      manifest_sha256: manifestSha256,
      tool: `session-rescue ${version}`,
    },
  }
}

export function cusfMessage(message: RecordedMessage, seq: number, session: string): CusfMessage {
  const { file, offset, length, sha256, time, model, subagent, parts, usage, damaged } = message
  const role = parts[0]?.role ?? "system"
  return {
    seq,
    session_id: session,
    role,
    timestamp: time === null || Math.abs(time) > 8.64e15 ? null : new Date(time).toISOString(),
    model,
    subagent,
    content: parts.map((part) => contentOf(part, role)),
    usage:
      usage === null
        ? null
        : {
            input: usage.input,
            cache_write: usage.cacheWrite,
            cache_read: usage.cacheRead,
            output: usage.output,
          },
    damaged: damaged ?? null,
    source: { file, offset, length, sha256 },
  }
}

/** `2026-01-31T23-59-58Z-session-claude-<id>--full`, without an ending. */
export function cusfName({ name, manifest }: Pick<CusfSource, "name" | "manifest">): string {
  const timestamp = parseExportName(name)?.timestamp ?? name
  return `${timestamp}-session-${llmName(manifest.session.agent)}-${manifest.session.id}--full`
}

function llmName(agent: string): string {
  return llmNames[agent] ?? agent
}

function contentOf(
  { kind, text, tool, call, command, files, isError, role }: Part,
  whole: Role,
): CusfContent {
  return {
    type: kind,
    text,
    ...(role === whole ? {} : { role }),
    ...(tool === undefined ? {} : { tool }),
    ...(call === undefined ? {} : { call_id: call }),
    ...(command === undefined ? {} : { command }),
    ...(files === undefined ? {} : { files }),
    ...(isError === undefined ? {} : { is_error: isError }),
  }
}
