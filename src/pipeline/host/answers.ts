import * as v from "valibot"
import type { DiskPath } from "../../session/disk-path.ts"
import { pathBytes, samePath } from "../../session/disk-path.ts"
import type { SavePlan } from "../../session/export.ts"
import { manifestSchema } from "../../session/manifest.ts"
import { parsePid } from "../../session/pid.ts"
import type { FoundSession, Session } from "../../session/session.ts"
import { parseSessionId } from "../../session/session-id.ts"
import { flags, states, type Verdict } from "../../session/state.ts"
import { parseTerminal } from "../../session/terminal.ts"

/** What a user's plugin may answer. Anything else is not believed. */

const text = (longest: number) => v.pipe(v.string(), v.maxLength(longest))
const line = text(4096)
const moment = v.nullable(v.pipe(v.number(), v.finite()))
const amount = v.pipe(v.number(), v.finite(), v.minValue(0))
const evidence = v.object({ signal: text(100), says: line })
const terminal = v.nullable(
  v.pipe(
    v.string(),
    v.check((name) => parseTerminal(name) === name, "is no terminal"),
  ),
)
const pid = v.pipe(
  v.number(),
  v.check((number) => parsePid(number) !== null, "is no process id"),
)
const sessionId = v.pipe(
  v.string(),
  v.check((id) => parseSessionId(id) !== null, "is no session id"),
)
const path = v.pipe(
  v.union([v.string(), v.instance(Uint8Array)], "is no path"),
  v.check((value) => pathBytes(value as DiskPath)[0] === 0x2f, "is no absolute path"),
  v.check((value) => !pathBytes(value as DiskPath).includes(0), "has a NUL in it"),
)
const below = v.pipe(
  v.union([v.string(), v.instance(Uint8Array)], "is no path"),
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
  purgeAt: moment,
  identity: v.array(evidence),
  flags: v.array(v.picklist(flags)),
  hints: v.record(v.string(), v.unknown()),
}
const candidate = v.object({ ...found, candidates: v.pipe(v.array(v.unknown()), v.length(0)) })
const foundSession = v.object({ ...found, candidates: v.array(candidate) })
const examined = v.object({
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
    openCalls: v.array(v.object({ tool: line, at: moment })),
    lastRecordAt: moment,
    says: line,
  }),
  conversation: v.picklist(["whole", "empty", "unreadable", "none"]),
  farewell: v.nullable(v.boolean()),
  title: v.nullable(line),
  cwd: v.nullable(line),
  gitBranch: v.nullable(line),
  version: v.nullable(line),
  startedAt: moment,
  contextTokens: v.nullable(amount),
})
const verdict = v.object({
  state: v.picklist(states),
  detail: v.pipe(v.string(), v.minLength(1), v.maxLength(200)),
  evidence: v.array(evidence),
  flags: v.array(v.picklist(flags)),
})
const places = v.array(v.object({ source: path, relative: below }))
const plan = v.object({
  id: sessionId,
  session: manifestSchema.entries.session,
  transcript: v.nullable(path),
  files: places,
  links: places,
  others: places,
})

/** The sessions a detect plugin found, or why they are not believed. `alive` knows a process by pid and start. */
export function readFound(
  value: unknown,
  agent: string,
  alive: (pid: number, startMark: string) => boolean,
): readonly FoundSession[] | string {
  const result = v.safeParse(v.array(foundSession), value)
  if (!result.success) return objection(result.issues[0])
  for (const each of result.output) {
    if (each.agent !== agent) return `it found a session of "${each.agent}", and is there for "${agent}"`
    if (each.id === null && each.transcript === null && each.process === null) {
      return "it found a session with no id, no transcript and no process"
    }
    const { process: live } = each
    if (live !== null && !alive(live.pid, live.startMark)) {
      return `it found a session at process ${live.pid}, which is not there or not yours`
    }
  }
  return result.output as unknown as readonly FoundSession[]
}

/** What tells a session from others stays what it was when it was found. */
export function readExamined(value: unknown, session: FoundSession): Session | string {
  const result = v.safeParse(examined, value)
  return result.success ? ({ ...session, ...result.output } as Session) : objection(result.issues[0])
}

/**
 * A verdict of a user's plugin may refine what is known, never hide it: a session with a process is ACTIVE or HUNG,
 * one without is ORPHANED. CURRENT and COMPLETED ("its bytes are in the archive") are not a matter of opinion.
 */
export function readVerdict(value: unknown, session: Session): Verdict | string {
  const result = v.safeParse(verdict, value)
  if (!result.success) return objection(result.issues[0])
  const { state } = result.output
  const possible = session.process === null ? ["ORPHANED"] : ["ACTIVE", "HUNG"]
  if (possible.includes(state)) return result.output
  const what = session.process === null ? "without a process" : "with a live process"
  return `it called a session ${what} ${state}: that can only be ${possible.join(" or ")}`
}

/** A user's act plugin may have the session saved that it was given, and no other. */
export function readPlan(value: unknown, session: Session): SavePlan | string {
  const result = v.safeParse(plan, value)
  if (!result.success) return objection(result.issues[0])
  const given = result.output as unknown as SavePlan
  const same =
    given.transcript === session.transcript ||
    (given.transcript !== null &&
      session.transcript !== null &&
      samePath(given.transcript, session.transcript))
  if (given.id !== session.id || given.session.id !== session.id || !same) {
    return "it wants something saved that is not the session it was given"
  }
  return given
}

const largestAnswer = 1 << 20

/** Why an answer that is only handed on cannot be: it has to fit into a JSON document. */
export function whyNotPlain(value: unknown): string | null {
  try {
    const size = JSON.stringify(value)?.length ?? 0
    return size > largestAnswer ? "its answer is larger than 1 MB" : null
  } catch (error) {
    return `its answer is no plain data (${(error as Error).message})`
  }
}

function objection(issue: v.BaseIssue<unknown>): string {
  const where = v.getDotPath(issue)
  return `its answer is not what was asked for: ${where === null ? "" : `${where}: `}${issue.message}`
}
