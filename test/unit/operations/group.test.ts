import { expect, test } from "bun:test"
import type { LiveSession } from "../../../src/operations/kill/companions.ts"
import { type GroupFilter, isInGroup } from "../../../src/operations/kill/group-filter.ts"
import type { ClassifiedSession } from "../../../src/sdk/contracts.ts"
import { classified } from "../../fixtures/classified.ts"
import { liveProcess } from "../../fixtures/session.ts"

const now = Date.parse("2026-11-22T12:00:00Z")
const hour = 3_600_000
const narrowing = {
  project: null,
  since: null,
  states: null,
  agent: null,
  saved: null,
  limit: null,
  typed: "",
}
const idle: GroupFilter = { narrowing, noTerminal: false, idleMs: 24 * hour, typed: "--idle 1d" }
const long = now - 30 * hour
const turn = (phase: "ended" | "mid-turn", more: object = {}) =>
  ({ ...{ phase, openCalls: [], lastRecordAt: long, message: "" }, ...more }) as const
const reported = (status: "idle" | "busy" | "waiting" | "shell", since = long) =>
  ({ ...{ status, since, waitingFor: null }, ...{ stale: false, headless: false, foreign: false } }) as const

function session(more: Partial<ClassifiedSession> = {}): LiveSession {
  const process = more.process ?? liveProcess({ startedAt: long, terminal: null })
  const facts = { state: "ACTIVE", lastActivity: long, reported: null, turn: turn("ended") } as const
  return { ...classified(1, { ...facts, ...more }), process }
}

test.each([
  ["it waits for you", {}, true],
  ["its client says it is idle", { reported: reported("idle") }, true],
  ["it waits for a permission", { reported: reported("waiting"), turn: turn("mid-turn") }, true],
  ["something was said since", { lastActivity: now - 2 * hour }, false],
  ["its client was started since", { process: liveProcess({ startedAt: now - hour }) }, false],
  ["its status changed since", { reported: reported("idle", now - hour) }, false],
  ["its client says it is busy", { reported: reported("busy") }, false],
  ["a background command of it runs", { reported: reported("shell") }, false],
  ["it is in a turn", { turn: turn("mid-turn") }, false],
  ["an agent of it is in a turn", { turn: turn("ended", { subagents: [{}] }) }, false],
  ["it hangs in a turn", { state: "HUNG", turn: turn("mid-turn") }, true],
  ["nothing is on disk, and its client is old", { lastActivity: null }, true],
] as const)("idle for a day where %s: %p", (_, more, expected) => {
  const its = session(more as Partial<ClassifiedSession>)
  expect(isInGroup(its, idle, { now } as never)).toBe(expected)
})

test("without a terminal: not a background session, which its service shows", () => {
  const group: GroupFilter = { narrowing, noTerminal: true, idleMs: null, typed: "--no-terminal" }
  const fits = (more: Partial<ClassifiedSession>) => isInGroup(session(more), group, { now } as never)
  expect(fits({})).toBe(true)
  expect(fits({ mode: "background" })).toBe(false)
  expect(fits({ process: liveProcess({ terminal: "pts/3" as never }) })).toBe(false)
})
