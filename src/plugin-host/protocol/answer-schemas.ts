import * as v from "valibot"
import { type DiskPath, pathBytes } from "../../domain/disk-path.ts"
import { manifestSchema } from "../../domain/export/manifest.ts"
import { runModes } from "../../domain/session/background.ts"
import { parsePid } from "../../domain/session/pid.ts"
import { parseSessionId } from "../../domain/session/session-id.ts"
import { flags, states } from "../../domain/session/state.ts"
import { parseTerminal } from "../../domain/session/terminal.ts"

/** Schemas for the answers of user plugins. Anything else is rejected. */

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest))
const line = text(4096)
const moment = v.nullable(v.pipe(v.number(), v.finite()))
const amount = v.pipe(v.number(), v.finite(), v.minValue(0))
const evidence = v.object({ signal: text(100), message: line })
const terminal = v.nullable(
  v.pipe(
    v.string(),
    v.check((name) => parseTerminal(name) === name, "is not a terminal"),
  ),
)
const pid = v.pipe(
  v.number(),
  v.check((number) => parsePid(number) !== null, "is not a process id"),
)
const sessionId = v.pipe(
  v.string(),
  v.check((id) => parseSessionId(id) !== null, "is not a session id"),
)
const path = v.pipe(
  v.union([v.string(), v.instance(Uint8Array)], "is not a path"),
  v.check((value) => pathBytes(value as DiskPath)[0] === 0x2f, "is not an absolute path"),
  v.check((value) => !pathBytes(value as DiskPath).includes(0), "has a NUL in it"),
)
const below = v.pipe(
  v.union([v.string(), v.instance(Uint8Array)], "is not a path"),
  v.check((value) => {
    const parts = Buffer.from(pathBytes(value as DiskPath))
      .toString("latin1")
      .split("/")
    return parts.every((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\0"))
  }, "must lead to something below the session's home"),
)

const process = v.object({
  pid,
  terminal,
  letter: v.pipe(v.string(), v.regex(/^[A-Za-z]$/)),
  startedAt: v.pipe(v.number(), v.finite()),
  startMark: text(100),
  cpuMs: amount,
  foreground: v.boolean(),
  children: v.array(v.object({ pid, startedAt: v.pipe(v.number(), v.finite()), terminal, command: line })),
})
const reported = v.object({
  status: v.nullable(v.picklist(["idle", "busy", "waiting", "shell"])),
  waitingFor: v.nullable(line),
  since: moment,
  stale: v.boolean(),
  headless: v.boolean(),
  foreign: v.boolean(),
  unknown: v.optional(v.array(line)),
})
const openCalls = v.array(v.object({ tool: line, at: moment, summary: v.optional(v.nullable(line)) }))
/** A process without a conversation, as named by a detect plugin. */
export const helperProcess = v.object({
  agent: text(100),
  home: line,
  pid,
  terminal,
  role: v.picklist(["service", "host", "spare", "window", "other"]),
  message: line,
  sessions: v.pipe(v.array(sessionId), v.maxLength(1000)),
  hint: v.nullable(line),
})
const found = {
  agent: v.string(),
  id: v.nullable(sessionId),
  home: v.pipe(v.string(), v.startsWith("/", "must be an absolute path")),
  transcript: v.nullable(path),
  transcriptSize: amount,
  modifiedAt: moment,
  process: v.nullable(process),
  current: v.nullable(evidence),
  reported: v.nullable(reported),
  mode: v.optional(v.nullable(v.picklist(runModes))),
  names: v.optional(v.array(v.object({ kind: v.picklist(["name", "pane", "folder"]), value: line }))),
  purgeAt: moment,
  livenessUnknown: v.optional(line),
  identity: v.array(evidence),
  flags: v.array(v.picklist(flags)),
  detectData: v.record(v.string(), v.unknown()),
}
const candidate = v.object({ ...found, candidates: v.pipe(v.array(v.unknown()), v.length(0)) })
export const foundSession = v.object({ ...found, candidates: v.array(candidate) })
export const examined = v.object({
  transcriptSize: amount,
  modifiedAt: moment,
  footprint: v.array(
    v.object({
      path,
      relative: below,
      kind: v.picklist(["file", "link", "other"]),
      size: amount,
      modifiedAt: v.pipe(v.number(), v.finite()),
    }),
  ),
  sizeBytes: amount,
  lastActivity: moment,
  turn: v.object({
    phase: v.picklist(["ended", "mid-turn", "unknown"]),
    openCalls,
    lastRecordAt: moment,
    lastMessageAt: v.optional(moment),
    unansweredRequests: v.optional(v.array(v.pipe(v.number(), v.finite()))),
    subagents: v.optional(v.array(v.object({ name: line, lastMessageAt: moment, openCalls }))),
    message: line,
  }),
  conversation: v.picklist(["whole", "empty", "unreadable", "none"]),
  exitedCleanly: v.nullable(v.boolean()),
  title: v.nullable(line),
  cwd: v.nullable(line),
  gitBranch: v.nullable(line),
  version: v.nullable(line),
  startedAt: moment,
  contextTokens: v.nullable(amount),
  contextInputTokens: v.optional(v.nullable(amount)),
  model: v.optional(v.nullable(line)),
  contextWindow: v.optional(v.nullable(amount)),
  compactsAt: v.optional(v.nullable(amount)),
  compactedAt: v.optional(moment),
  resumeWay: v.optional(
    v.nullable(
      v.object({
        command: v.pipe(v.array(line), v.minLength(1), v.maxLength(20)),
        onlyInFolder: v.boolean(),
        joins: v.boolean(),
        homeVariable: v.pipe(v.string(), v.regex(/^[A-Z][A-Z0-9_]{0,63}$/, "must be a variable's name")),
        homeFolder: below,
      }),
    ),
  ),
  turnStop: v.optional(v.nullable(line)),
})
export const verdict = v.object({
  state: v.picklist(states),
  detail: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  evidence: v.array(evidence),
  flags: v.array(v.picklist(flags)),
})
const places = v.array(v.object({ source: path, relative: below }))
export const plan = v.object({
  id: sessionId,
  session: manifestSchema.entries.session,
  transcript: v.nullable(path),
  files: places,
  links: places,
  others: places,
})
