import { describe, expect, test } from "bun:test"
import { type Need, needs } from "../../../src/domain/listing/need.ts"
import { type Pid, parsePid } from "../../../src/domain/session/pid.ts"
import { parseTerminal } from "../../../src/domain/session/terminal.ts"
import { count, formatAge, formatSize, shortPath } from "../../../src/view/terminal/format.ts"
import { iso } from "../../../src/view/terminal/json.ts"
import { nextAfterStatus } from "../../../src/view/terminal/next-step.ts"
import { listed } from "../../fixtures/classified.ts"
import { liveProcess, session } from "../../fixtures/session.ts"

test.each([
  [0, "0 B"],
  [1023, "1023 B"],
  [1024, "1 KB"],
  [1024 ** 2 - 1, "1023 KB"],
  [1.25 * 1024 ** 2, "1.3 MB"],
  [58_720_256, "56 MB"],
  [3 * 1024 ** 3, "3.0 GB"],
  [5000 * 1024 ** 4, "5000 TB"],
])("%d bytes are said as %s", (bytes, said) => expect(formatSize(bytes)).toBe(said))

test("an age is never negative", () => {
  expect([formatAge(null, 0), formatAge(0, 4_999), formatAge(10_000, 0), formatAge(0, 61_000)]).toEqual([
    "no activity yet",
    "now",
    "now",
    "1 min ago",
  ])
})

test("only our own home is shortened", () => {
  expect(shortPath("/home/me/x", "/home/me")).toBe("~/x")
  expect(shortPath("/home/me", "/home/me")).toBe("~")
  expect(shortPath("/home/meg/x", "/home/me")).toBe("/home/meg/x")
})

test("one is one, none and two are many", () => {
  expect([0, 1, 2].map((number) => count(number, "session"))).toEqual([
    "0 sessions",
    "1 session",
    "2 sessions",
  ])
})

test("a time that no calendar has is unknown", () => {
  expect(iso(null)).toBeNull()
  expect(iso(Number.POSITIVE_INFINITY)).toBeNull()
  expect(iso(9e15)).toBeNull()
  expect(iso(0)).toBe("1970-01-01T00:00:00.000Z")
})

describe("what to do next after a status", () => {
  const verdict = { state: "ORPHANED", detail: "closed", evidence: [], flags: [] } as const
  const ended = { ...session(), ...verdict }
  const live = { ...session({ process: liveProcess() }), ...verdict, state: "ACTIVE" as const }
  const terminal = parseTerminal("pts/3")
  const suspended = { ...live, state: "HUNG" as const, process: liveProcess({ terminal }) }
  const stopped = {
    ...suspended,
    process: liveProcess({ terminal, letter: "T", pid: parsePid(4713) as Pid }),
  }
  const beside = { ...live, process: liveProcess({ terminal, pid: parsePid(4712) as Pid }) }

  test.each([
    ["nothing there", [], "CLAUDE_CONFIG_DIR="],
    ["only ended ones", [ended], "session-rescue --resume"],
    ["one about to be deleted", [{ ...ended, flags: ["purge-soon" as const] }], "session-rescue --export "],
    ["a crashed one", [{ ...ended, detail: "crashed mid-turn" }], "session-rescue --export "],
    ["one that runs", [ended, live], "session-rescue --export "],
    ["a hung one", [live, { ...live, state: "HUNG" as const }], "session-rescue --export 4711 "],
    ["a hung one in a terminal of its own", [live, suspended], "session-rescue --export pts/3 "],
    ["a suspended one", [live, stopped], "Next: fg in pts/3 "],
    ["a suspended one beside a hung one", [stopped, beside, suspended], "session-rescue --export 4711 "],
    ["a hung one that shares its terminal", [beside, suspended], "session-rescue --export 4711 "],
  ])("%s", (_, sessions, expected) => {
    const order = (need: Need) => needs.indexOf(need)
    const rows = sessions.map((each) => listed(each)).toSorted((a, b) => order(a.need) - order(b.need))
    expect(nextAfterStatus(rows)).toContain(expected)
  })
})
