import { describe, expect, test } from "bun:test"
import type { Need } from "../../../src/domain/listing/need.ts"
import { parseProjectFilter } from "../../../src/domain/project-filter.ts"
import { choosesAmongAll, mayMatch, type Narrowing, narrowSessions } from "../../../src/pipeline/narrowing.ts"
import { classified } from "../../fixtures/classified.ts"
import { liveProcess } from "../../fixtures/session.ts"

const now = Date.parse("2026-11-22T12:00:00Z")
const day = 86_400_000
const everything: Narrowing = {
  ...{ project: null, since: null, states: null, agent: null, saved: null, limit: null, typed: "" },
}
const session = (n: number, age: number, more: Parameters<typeof classified>[1] = {}) =>
  classified(n, { lastActivity: now - age * day, modifiedAt: now - age * day, cwd: "/work/shop", ...more })
const old = session(1, 9, { state: "ORPHANED" })
const notes = session(2, 2, { cwd: "/work/notes", state: "COMPLETED" })
const hung = session(3, 1, { state: "HUNG" })
const strange = session(4, 0, { agent: "codex-cli", cwd: null })
const all = [old, notes, hung, strange]
const saved = new Set<unknown>([old, hung])

const needOf = (each: unknown): Need =>
  each === old ? "crashed" : each === notes ? "unsaved" : each === hung ? "hung" : "waiting"

function narrowed(narrowing: Partial<Narrowing>) {
  const facts = { isSaved: (each: unknown) => saved.has(each), needOf }
  return narrowSessions(all, { ...everything, ...narrowing }, facts)
}
const project = (typed: string) =>
  parseProjectFilter(
    typed,
    (path) => path,
    () => null,
  )

describe("narrowing a list of sessions", () => {
  test.each([
    ["nothing", {}, [strange, hung, notes, old]],
    ["a project", { project: project("shop") }, [hung, old]],
    ["a time", { since: now - 2 * day }, [strange, hung, notes]],
    ["a state", { states: ["HUNG", "COMPLETED"] }, [hung, notes]],
    ["a need", { states: ["crashed"] }, [old]],
    ["a need or a state", { states: ["waiting", "HUNG"] }, [strange, hung]],
    ["closed, also what is about to be deleted", { states: ["closed"] }, [notes]],
    ["an agent", { agent: "codex" }, [strange]],
    ["an agent's whole name", { agent: "claude-code" }, [hung, notes, old]],
    ["saved", { saved: true }, [hung, old]],
    ["unsaved", { saved: false }, [strange, notes]],
    ["several together", { saved: true, since: now - 2 * day }, [hung]],
  ] as const)("%s", (_, narrowing, expected) => {
    const { sessions, excluded, leftOff } = narrowed(narrowing)
    expect([...sessions]).toEqual([...expected])
    expect([excluded, leftOff]).toEqual([all.length - expected.length, 0])
  })

  test("a limit keeps the newest and counts what it leaves off", () => {
    expect(narrowed({ limit: 2 })).toEqual({ sessions: [strange, hung], excluded: 0, leftOff: 2 })
    expect(narrowed({ limit: 1, saved: true })).toEqual({ sessions: [hung], excluded: 2, leftOff: 1 })
  })

  test("whether it is saved is asked only about what fits otherwise", () => {
    const asked: unknown[] = []
    const isSaved = (each: unknown) => asked.push(each) > 0
    narrowSessions(all, { ...everything, agent: "codex", saved: true }, { isSaved, needOf })
    expect(asked).toEqual([strange])
  })

  test("one that runs and has written nothing was active when it started", () => {
    const young = session(5, 0, {
      ...{ lastActivity: null, modifiedAt: null, process: liveProcess({ startedAt: now - 1000 }) },
    })
    const facts = { isSaved: () => false, needOf }
    const sinceStart = (since: number) => narrowSessions([young], { ...everything, since }, facts).sessions
    expect([sinceStart(now - 2000), sinceStart(now)]).toEqual([[young], []])
  })
})

describe("what need not be read", () => {
  const since = now - 3 * day
  const never = () => {
    throw new Error("asked in vain")
  }
  test("another agent's", () => {
    expect(mayMatch(strange, { agent: "claude", since: null }, never)).toBe(false)
    expect(mayMatch(old, { agent: "claude", since: null }, never)).toBe(true)
  })

  test("a file that is written long before that time, unless a subagent wrote later", () => {
    const asked = (found: typeof old, newest: number | null) =>
      mayMatch(found, { agent: null, since }, () => newest)
    expect(asked(old, now - 9 * day)).toBe(false)
    expect(asked(old, now - day)).toBe(true)
    expect(asked(old, null)).toBe(true)
  })

  test("nothing that runs, is recent, or has no file is left out", () => {
    const running = session(6, 9, { process: liveProcess({}) })
    const nowhere = session(7, 9, { modifiedAt: null })
    const clock = session(8, 3.9) // a day for clocks that differ
    for (const each of [running, nowhere, notes, clock])
      expect(mayMatch(each, { agent: null, since }, never)).toBe(true)
  })
})

test("an agent or a limit alone chooses among what is shown anyway", () => {
  expect(choosesAmongAll({ ...everything, agent: "claude", limit: 3 })).toBe(false)
  for (const each of [{ since: now }, { states: [] }, { saved: false }, { project: project("x") }])
    expect(choosesAmongAll({ ...everything, ...each })).toBe(true)
})
