/** What the watcher does about a session, from its facts alone. */
import { describe, expect, test } from "bun:test"
import { type Decision, decide } from "../../../../src/domain/watch/decide.ts"
import type { Notes, SessionSight } from "../../../../src/domain/watch/sight.ts"
import { minute, noNotes, now, settings, sight } from "./sights.ts"

const moment = { now, awakeSince: null, lastLookAt: now - minute }

function at(time: number, seen: SessionSight, notes: Notes = noNotes, more = {}): Decision {
  return decide(seen, notes, {
    moment: { ...moment, now: time, lastLookAt: time - minute, ...more },
    settings,
  })
}

const done = ({ actions }: Decision) =>
  actions.map(({ reason, save, tell }) => `${reason}${save ? " save" : ""}${tell ? " tell" : ""}`)

/** What is known after everything was done; copies are of a transcript of that size. */
const after = ({ notes, actions }: Decision, savedSize = 1_000_000): Notes => ({
  ...notes,
  ...Object.fromEntries(
    actions.map(({ reason, note, save }) => [reason, { ...note, ...(save ? { savedSize } : {}) }]),
  ),
})

describe("context", () => {
  const full = (tokens: number, more = {}) => sight({ tokens, ...more })

  test("is saved and told at each threshold, once", () => {
    const first = at(now, full(149_999))
    expect(done(first)).toEqual([])
    const second = at(now, full(150_000))
    expect(done(second)).toEqual(["context save tell"])
    const third = at(now + minute, full(160_000, { size: 1_200_000 }), after(second))
    expect(done(third)).toEqual([])
    const fourth = at(now + 2 * minute, full(180_000, { size: 1_300_000 }), after(second))
    expect(done(fourth)).toEqual(["context save tell"])
    expect(done(at(now + 3 * minute, full(190_000, { size: 9_000_000 }), after(fourth)))).toEqual([])
  })

  test("that goes from below the first to above the last threshold is one copy", () => {
    const jump = at(now, full(195_000))
    expect(done(jump)).toEqual(["context save tell"])
    expect(done(at(now + minute, full(196_000), after(jump)))).toEqual([])
  })

  test("of a model with a window of a million tokens is not full at 170,000", () => {
    expect(done(at(now, full(170_000, { window: 1_000_000, percent: 17 })))).toEqual([])
    expect(done(at(now, full(750_000, { window: 1_000_000 })))).toEqual(["context save tell"])
  })

  test("is measured to where the client compacts, if that comes first", () => {
    expect(done(at(now, full(87_000, { compactsAt: 117_000 })))).toEqual([])
    expect(done(at(now, full(87_750, { compactsAt: 117_000 })))).toEqual(["context save tell"])
  })

  test("with an unknown window has no share, and is never guessed", () => {
    expect(done(at(now, full(900_000, { window: null, percent: null })))).toEqual([])
  })

  test("that was saved in the meantime is only told", () => {
    expect(done(at(now, full(150_000, { saved: "saved" })))).toEqual(["context tell"])
  })

  test("that grows on above the last threshold is saved every ten minutes, if it grew by enough", () => {
    const first = at(now, full(185_000))
    const later = (minutes: number, size: number) =>
      done(at(now + minutes * minute, full(190_000, { size, saved: "outdated" }), after(first)))
    expect(later(9, 9_000_000)).toEqual([])
    expect(later(10, 1_900_000)).toEqual([])
    expect(later(10, 2_000_001)).toEqual(["context save"])
  })

  test("that was compacted between two looks is saved, unless somebody did it in the meantime", () => {
    const compacted = full(12_000, { compactedAt: now - 5_000 })
    expect(done(at(now, compacted))).toEqual(["context save tell"])
    expect(done(at(now, { ...compacted, savedAt: now - 4_000 }))).toEqual([])
    expect(done(at(now, compacted, noNotes, { lastLookAt: now - 1_000 }))).toEqual([])
    expect(done(at(now, compacted, noNotes, { lastLookAt: null }))).toEqual([])
  })

  test("that fills up again after a compaction is told again", () => {
    const first = at(now, full(150_000))
    const compacted = { compactedAt: now + minute, saved: "saved" as const }
    const second = at(now + 20 * minute, full(30_000, compacted), after(first))
    expect(done(second)).toEqual([])
    const third = at(now + 40 * minute, full(151_000, { ...compacted, saved: "outdated" }), after(second))
    expect(done(third)).toEqual(["context save tell"])
  })

  test("of a session that nobody runs does not fill up", () => {
    expect(done(at(now, full(199_000, { client: null, need: "closed" })))).toEqual([])
  })
})

describe("crashed", () => {
  const crashed = (more = {}) =>
    sight({ client: null, state: "ORPHANED", detail: "crashed mid-turn", need: "crashed", ...more })

  test("is saved and told once, until there is new activity", () => {
    const first = at(now, crashed())
    expect(done(first)).toEqual(["crashed save tell"])
    expect(done(at(now + 60 * minute, crashed({ saved: "saved" }), after(first)))).toEqual([])
    const again = crashed({ lastActivity: now + 30 * minute })
    expect(done(at(now + 60 * minute, again, after(first)))).toEqual(["crashed save tell"])
  })

  test("long ago is saved without a word", () => {
    expect(done(at(now, crashed({ lastActivity: now - 25 * 60 * minute })))).toEqual(["crashed save"])
  })

  test("without a transcript is told, for nothing can be saved", () => {
    expect(done(at(now, crashed({ transcript: null })))).toEqual(["crashed tell"])
  })
})

describe("hung", () => {
  const hung = (more = {}) =>
    sight({ state: "HUNG", detail: "no answer", need: "hung", lastActivity: now - 11 * minute, ...more })

  test("is what status says, saved and told once", () => {
    const first = at(now, hung())
    expect(done(first)).toEqual(["hung save tell"])
    expect(done(at(now + minute, hung({ saved: "saved" }), after(first)))).toEqual([])
    expect(done(at(now, sight({ lastActivity: now - 60 * minute })))).toEqual([])
  })

  test("is not what was silent while the machine slept", () => {
    const slept = { awakeSince: now - minute }
    const first = at(now, hung({ lastActivity: now - 8 * 60 * minute }), noNotes, slept)
    expect(done(first)).toEqual([])
    expect(first.lookAt).toBe(now + 9 * minute)
    const later = hung({ lastActivity: now - 8 * 60 * minute })
    expect(done(at(now + 9 * minute, later, noNotes, slept))).toEqual(["hung save tell"])
  })

  test("is what its user has stopped, however the machine slept", () => {
    const stopped = hung({ detail: "suspended", client: { pid: 1, startMark: "1", stopped: true } })
    expect(done(at(now, stopped, noNotes, { awakeSince: now }))).toEqual(["hung save tell"])
  })

  test("again after it went on is told again, and copied again after ten minutes at the earliest", () => {
    const first = at(now, hung())
    const second = at(now + minute, sight({ lastActivity: now + minute }), after(first))
    const again = (minutes: number) =>
      done(at(now + minutes * minute, hung({ lastActivity: now + minute, size: 9e6 }), after(second)))
    expect(again(9)).toEqual(["hung tell"])
    expect(again(12)).toEqual(["hung save tell"])
  })
})

describe("purge, waiting, idle", () => {
  test("a session that its client deletes soon is saved and told", () => {
    const seen = sight({ client: null, need: "unsaved", state: "ORPHANED", purgeAt: now + 3 * 86_400_000 })
    expect(done(at(now, seen))).toEqual(["purge save tell"])
    expect(done(at(now, { ...seen, need: "closed" }))).toEqual([])
  })

  test("a question is told after a minute, and never copied", () => {
    const asks = (seconds: number) => sight({ need: "asking", waitingSince: now - seconds * 1000 })
    const first = at(now, asks(20))
    expect(done(first)).toEqual([])
    expect(first.lookAt).toBe(now + 40_000)
    const second = at(now, asks(60))
    expect(done(second)).toEqual(["waiting tell"])
    expect(done(at(now + minute, asks(60), after(second)))).toEqual([])
  })

  test("an idle session is told only where that was asked for", () => {
    const idle = sight({ need: "waiting", waitingSince: now - 61 * minute })
    expect(done(at(now, idle))).toEqual([])
    const wanted = { moment, settings: { ...settings, notify: ["idle" as const] } }
    expect(done(decide(idle, noNotes, wanted))).toEqual(["idle tell"])
  })

  test("what is not to be told is saved all the same", () => {
    const quiet = { moment, settings: { ...settings, notify: [] } }
    expect(done(decide(sight({ tokens: 150_000 }), noNotes, quiet))).toEqual(["context save"])
  })
})

describe("time", () => {
  test("a clock that was set back does not keep a copy from being made", () => {
    const first = at(now, sight({ tokens: 185_000 }))
    const earlier = sight({ tokens: 190_000, size: 3_000_000, saved: "outdated" })
    expect(done(at(now - 60 * minute, earlier, after(first)))).toEqual(["context save"])
  })

  test("a copy that failed is made again after ten minutes, though nothing grew", () => {
    const first = at(now, sight({ tokens: 150_000 }))
    const failed = Object.entries(after(first)).map(([reason, note]) => [reason, { ...note, savedSize: -1 }])
    const notes: Notes = Object.fromEntries(failed)
    expect(done(at(now + 9 * minute, sight({ tokens: 150_000 }), notes))).toEqual([])
    expect(at(now + 9 * minute, sight({ tokens: 150_000 }), notes).lookAt).toBe(now + 10 * minute)
    expect(done(at(now + 10 * minute, sight({ tokens: 150_000 }), notes))).toEqual(["context save"])
  })

  test("a copy that is being made for longer than that is not made twice", () => {
    const first = at(now, sight({ tokens: 150_000 }))
    const notes: Notes = Object.fromEntries(first.actions.map(({ reason, note }) => [reason, note]))
    const grown = sight({ tokens: 150_000, size: 90_000_000 })
    expect(done(at(now + 60 * minute, grown, notes))).toEqual([])
    expect(done(at(now + 60 * minute, grown, after(first)))).toEqual(["context save"])
  })

  test("a silent turn is looked at when it may hang, and every minute from then on", () => {
    expect(at(now, sight()).lookAt).toBe(now + 9 * minute)
    expect(at(now, sight({ lastActivity: now - 30 * minute })).lookAt).toBe(now + minute)
    expect(at(now, sight({ client: null, need: "closed" })).lookAt).toBeNull()
  })
})
