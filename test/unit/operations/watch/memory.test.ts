/** What the watcher remembers, and what it takes for a crash. */
import { expect, test } from "bun:test"
import type { SessionSight } from "../../../../src/domain/watch/sight.ts"
import { confirmCrashes } from "../../../../src/operations/watch/look.ts"
import { emptyState, maxNotedSessions } from "../../../../src/operations/watch/state.ts"
import { quietNotices, Watching } from "../../../../src/operations/watch/watching.ts"
import { settings, sight } from "../../domain/watch/sights.ts"

const full = { tokens: 190_000 }

test("a registry file that is caught half written is no crash", async () => {
  const ran = sight()
  const crashed = sight({ client: null, need: "crashed" })
  const look = (...sessions: SessionSight[]) => ({ full: true, sessions })
  const again = async () => look(ran)
  const known = [ran.transcript ?? ""]
  expect(await confirmCrashes(look(crashed), known, again)).toEqual(look(ran))
  expect(await confirmCrashes(look(crashed), known, async () => look(crashed))).toEqual(look(crashed))
  expect(await confirmCrashes(look(crashed), [], again)).toEqual(look(crashed)) // long dead: one look
})

test("what a killed watcher had not told yet is told by the next one, and what it had told is not", () => {
  const crashed = sight({ client: null, need: "crashed", saved: "saved", lastActivity: Date.now() })
  const look = (at: number) => ({
    ...{ version: "1", at, hungAfterMs: 1, full: true, folders: [], warnings: [], sessions: [crashed] },
  })
  const first = new Watching(emptyState(), settings)
  const [task] = first.take(look(Date.now()))
  const next = new Watching(first.kept, settings)
  expect(next.take(look(Date.now() + 1))).toHaveLength(1)
  first.told({ at: 1, text: "", by: [], sessions: [] }, task === undefined ? [] : quietNotices(task))
  expect(new Watching(first.kept, settings).take(look(Date.now() + 1))).toEqual([])
})

test("what it remembers is bounded, however many sessions there were", () => {
  const watching = new Watching(emptyState(), settings)
  for (let round = 0; round < 3; round++) {
    const sessions = [...Array(1500).keys()].map((n) => sight({ key: `${round}-${n}`, ...full }))
    const tasks = watching.take({
      ...{
        version: "1",
        at: Date.now() + round,
        hungAfterMs: 1,
        full: true,
        folders: [],
        warnings: [],
        sessions,
      },
    })
    expect(tasks).toHaveLength(1500)
  }
  expect(Object.keys(watching.state.notes)).toHaveLength(maxNotedSessions)
  for (let n = 0; n < 100; n++) {
    watching.told({ at: n, text: "", by: [], sessions: [] }, [])
    watching.fails(`${n}`, n)
  }
  expect([watching.state.told.length, watching.state.errors.length]).toEqual([50, 20])
})
