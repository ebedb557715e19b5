/** The resident watcher with a machine that the test makes up, and short waits. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { ClockSample } from "../../../../src/domain/watch/clocks.ts"
import type { WatchNotice } from "../../../../src/domain/watch/notice.ts"
import type { SessionSight } from "../../../../src/domain/watch/sight.ts"
import { Changes } from "../../../../src/operations/watch/changes.ts"
import { watchConstants } from "../../../../src/operations/watch/open.ts"
import type { ToSave, WatchSaved } from "../../../../src/operations/watch/save.ts"
import { emptyState, type WatchState } from "../../../../src/operations/watch/state.ts"
import { Watcher } from "../../../../src/operations/watch/watcher.ts"
import type { WatcherFacts } from "../../../../src/operations/watch/watcher-facts.ts"
import { Watching } from "../../../../src/operations/watch/watching.ts"
import { systemFiles } from "../../../../src/system/fs/files.ts"
import { until } from "../../../fixtures/until.ts"
import { settings, sight } from "../../domain/watch/sights.ts"

let folder: string
let stop: AbortController
let running: Promise<unknown>
let world: World
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "watcher-"))
  mkdirSync(join(folder, "sessions"))
  stop = new AbortController()
  world = new World()
})
afterEach(async () => {
  stop.abort()
  await running
  rmSync(folder, { recursive: true, force: true })
})

const saved = ({ key }: ToSave): WatchSaved => ({
  ...{ key, outcome: "saved", path: "/copy", bytes: 1, replaced: 0, message: null },
})

class World {
  sessions: SessionSight[] = []
  folders = [join(folder, "sessions")]
  looks = 0
  rests: boolean[] = []
  copies: string[] = []
  told: (readonly WatchNotice[])[] = []
  written: WatchState[] = []
  alive = new Map<number, { startMark: string; letter: string }>()
  replaced = false
  asleep = 0
  save: WatcherFacts["save"] = async (wanted) => wanted.map(saved)
  onLook: () => void | Promise<void> = () => {}

  now(): number {
    return Date.now() + this.asleep
  }

  facts(more: Partial<WatcherFacts["timing"]> = {}): WatcherFacts {
    const watching = new Watching(emptyState(), { ...settings, ...watchConstants, waitingAfterMs: 0 })
    const probe = async (pid: number) => {
      const found = this.alive.get(pid)
      return found === undefined ? null : { ...found, cpuMs: 0 }
    }
    return {
      watching,
      timing: {
        tickMs: 30,
        settleMs: 5,
        gatherMs: 40,
        patienceMs: 200,
        restFactor: 0,
        ...more,
      },
      changes: new Changes(
        systemFiles(() => {}),
        { probe },
      ),
      look: async () => {
        this.looks++
        await this.onLook()
        const live = this.sessions.filter(({ client }) => client === null || this.alive.has(client.pid))
        return {
          ...{ version: "1", at: this.now(), hungAfterMs: 600_000, full: true, warnings: [] },
          ...{ sessions: live, folders: this.folders },
        }
      },
      save: async (wanted) => {
        const results = await this.save(wanted)
        this.copies.push(...wanted.map(({ key }) => key))
        return results
      },
      tell: async (notices) => {
        this.told.push(notices)
        return { at: this.now(), text: "", by: [], sessions: [] }
      },
      keepState: async (state) => void this.written.push(state),
      rest: async (isFirst) => void this.rests.push(isFirst),
      clock: (): ClockSample => ({ wall: this.now(), running: performance.now(), slept: null }),
      isReplaced: () => this.replaced,
      onEvent: () => {},
    }
  }

  /** A running session, with a transcript that is there. */
  session(number: number, changes: Partial<SessionSight> = {}): SessionSight {
    const transcript = join(folder, `${number}.jsonl`)
    writeFileSync(transcript, "x".repeat(100))
    this.alive.set(number, { startMark: "1", letter: "S" })
    const client = { pid: number, startMark: "1", stopped: false }
    const made = sight({ key: `${number}`, id: `${number}`, transcript, size: 100, client, ...changes })
    this.sessions.push(made)
    return made
  }

  change(key: string, changes: Partial<SessionSight>): void {
    this.sessions = this.sessions.map((each) => (each.key === key ? { ...each, ...changes } : each))
  }
}

function start(facts = world.facts()): WatcherFacts {
  running = new Watcher(facts).run(stop.signal)
  return facts
}
const full = { tokens: 190_000 }

/** A few ticks went by. */
async function ticks(count = 4): Promise<void> {
  await Bun.sleep(count * 30 + 20)
}

test("nothing is looked at while nothing changes", async () => {
  world.session(1, { need: "waiting" })
  start()
  await until("two looks", () => world.looks >= 2) // the second: the folders were not known before
  const before = world.looks
  await ticks(10)
  expect([world.looks, world.rests.slice(0, 3)]).toEqual([before, [true, false, false]])
})

test("a change in a registry folder is looked at, also while a look goes on", async () => {
  world.session(1)
  start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  const before = world.looks
  world.onLook = () => {
    world.onLook = () => {}
    writeFileSync(join(folder, "sessions/2.json"), "{}")
  }
  writeFileSync(join(folder, "sessions/1.json"), "{}")
  await until("two more looks", () => world.looks >= before + 2)
})

test.each([
  ["behind a link", () => symlinkSync(join(folder, "real"), join(folder, "link"))],
  ["that comes later", () => {}],
])("a folder %s is looked at, too", async (_, link) => {
  mkdirSync(join(folder, "real"))
  link()
  world.folders = [join(folder, "link")]
  start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  const before = world.looks
  mkdirSync(join(folder, "link"), { recursive: true })
  writeFileSync(join(folder, "link/1.json"), "{}")
  await until("another look", () => world.looks > before)
})

test("a folder that is replaced is looked at before and after", async () => {
  start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  for (const name of ["a", "b"]) {
    const before = world.looks
    renameSync(join(folder, "sessions"), join(folder, `old-${name}`))
    mkdirSync(join(folder, "sessions"))
    writeFileSync(join(folder, `sessions/${name}.json`), "{}")
    await until(`a look after ${name}`, () => world.looks > before)
    await ticks()
  }
})

test("a killed client, a suspended one and a transcript that grows make no event, and are seen", async () => {
  const first = world.session(1)
  world.session(2)
  start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  let before = world.looks
  world.alive.delete(2)
  await until("a look for the killed one", () => world.looks > before)
  before = world.looks
  world.alive.set(1, { startMark: "1", letter: "T" })
  world.change("1", { client: { pid: 1, startMark: "1", stopped: true } })
  await until("a look for the suspended one", () => world.looks > before)
  await ticks()
  before = world.looks
  appendFileSync(first.transcript ?? "", "y")
  await until("a look for the one that grew", () => world.looks > before)
})

test("a pid that has come to belong to another process is seen", async () => {
  world.session(1)
  start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  const before = world.looks
  world.alive.set(1, { startMark: "2", letter: "S" })
  await until("a look", () => world.looks > before)
})

test("what is seen within the time for gathering is told as one", async () => {
  for (let number = 1; number <= 40; number++) world.session(number, full)
  start()
  await until("it to be told", () => world.told.length > 0)
  expect(world.told.map((notices) => notices.length)).toEqual([40])
  expect(world.told[0]?.every((notice) => notice.saved === "saved")).toBe(true)
  await ticks(6)
  expect(world.told).toHaveLength(1)
  expect(world.copies).toHaveLength(40)
})

test("a copy that takes long is told as under way, and made once however many looks come", async () => {
  const made = Promise.withResolvers<void>()
  world.save = async (wanted) => {
    await made.promise
    return wanted.map(saved)
  }
  world.session(1, full)
  start()
  await until("it to be told", () => world.told.length > 0)
  expect(world.told[0]?.map((notice) => notice.saved)).toEqual(["saving"])
  const before = world.looks
  writeFileSync(join(folder, "sessions/1.json"), "{}")
  await until("another look", () => world.looks > before)
  made.resolve()
  await until("the copy", () => world.copies.length > 0)
  await ticks(6)
  expect([world.copies, world.told.length]).toEqual([["1"], 1])
})

test("a copy that fails is told, once, and tried again after the cool-down", async () => {
  world.save = async () => {
    throw new Error("the child failed")
  }
  world.session(1, { ...full, size: 100 })
  const facts = start()
  await until("it to be told", () => world.told.length > 0)
  expect(world.told[0]).toMatchObject([{ saved: "failed", message: "the child failed" }])
  expect(facts.watching.state.nextLookAt).toBeLessThanOrEqual(Date.now() + watchConstants.coolDownMs)
  expect(facts.watching.state.errors).toHaveLength(1)
  world.save = async (wanted) => wanted.map(saved)
  world.asleep = watchConstants.coolDownMs // the time passes at once
  await until("the copy", () => world.copies.length > 0)
  expect(world.told).toHaveLength(1)
})

test("a notification that cannot be shown is noted, told again with the next, and keeps none from being told", async () => {
  const facts = world.facts()
  let fails = true
  start({
    ...facts,
    tell: async (notices) => {
      if (fails) throw new Error("no process could be started")
      return facts.tell(notices)
    },
  })
  world.session(1, full)
  writeFileSync(join(folder, "sessions/1.json"), "{}")
  await until("the error", () => facts.watching.state.errors[0]?.message === "no process could be started")
  const untold = facts.watching.kept.notes["1"]?.context?.toldMark
  fails = false
  world.session(2, full)
  writeFileSync(join(folder, "sessions/2.json"), "{}")
  await until("both to be told", () => world.told.flat().length === 2)
  await ticks(4)
  expect([untold, world.told.flat().map(({ sight: { id } }) => id)]).toEqual([null, ["1", "2"]])
})

test("a line that cannot be printed keeps nothing from being told, and it is told once", async () => {
  const facts = world.facts()
  start({
    ...facts,
    onEvent: ({ kind }) => {
      if (kind === "told") throw new Error("standard output is closed")
    },
  })
  world.session(1, full)
  writeFileSync(join(folder, "sessions/1.json"), "{}")
  await until("the first", () => world.told.length === 1)
  world.session(2, full)
  writeFileSync(join(folder, "sessions/2.json"), "{}")
  await until("the second", () => world.told.length === 2)
  await ticks(4)
  expect(world.told.flat().map(({ sight: { id } }) => id)).toEqual(["1", "2"])
})

test("a machine that slept has no hung sessions for it", async () => {
  world.session(1, { lastActivity: Date.now() - 60_000 })
  const facts = start()
  await until("two looks", () => world.looks >= 2)
  world.asleep = 8 * 3_600_000
  world.change("1", { state: "HUNG", need: "hung", detail: "no answer" })
  await until("a look after it", () => (facts.watching.state.lastLookAt ?? 0) > Date.now() + 3_600_000)
  await ticks(6)
  expect([world.copies, world.told]).toEqual([[], []])
})

test("a look that fails is noted, and repeated", async () => {
  world.onLook = () => {
    throw new Error("no child could be started")
  }
  const facts = start()
  await until("the error", () => facts.watching.state.errors[0]?.message === "no child could be started")
  world.onLook = () => {}
  world.asleep = 61_000
  await until("another look", () => facts.watching.state.lastLookAt !== null)
})

test("it ends by itself once another version has taken its place, and waits for the copy that is made", async () => {
  const made = Promise.withResolvers<void>()
  world.save = async (wanted) => {
    await made.promise
    return wanted.map(saved)
  }
  world.session(1, full)
  const facts = world.facts()
  let how: unknown = null
  running = new Watcher(facts).run(stop.signal).then((ended) => {
    how = ended
  })
  await until("two looks", () => world.looks >= 1)
  world.replaced = true
  await ticks()
  expect(how).toBeNull()
  made.resolve()
  await running
  expect([how, world.copies, world.told.length]).toEqual(["replaced", ["1"], 1])
  expect(world.written.at(-1)?.runner).toBeNull()
})

test("at rest memory is given back, and not while a copy is made", async () => {
  const made = Promise.withResolvers<void>()
  world.save = async (wanted) => {
    await made.promise
    return wanted.map(saved)
  }
  world.session(1, full)
  start(world.facts({ patienceMs: 1 }))
  await until("it to be told", () => world.told.length > 0)
  await ticks(6)
  expect(world.rests).toEqual([])
  made.resolve()
  await until("it to have rested twice", () => world.rests.length >= 2)
})

test.each<[string, Partial<ClockSample>]>([
  ["the wall clock", { wall: 1 }],
  ["both clocks", { wall: 1, running: 1 }],
  ["the system's count of its sleep", { slept: 1 }],
])("nothing hangs that slept, whichever clock tells: %s", async (_, jumps) => {
  world.session(1, { lastActivity: Date.now() - 60_000 })
  const facts = world.facts()
  const night = 8 * 3_600_000
  const clock = (): ClockSample => ({
    wall: Date.now() + (world.asleep > 0 ? night : 0),
    running: performance.now() + (world.asleep > 0 ? night * (jumps.running ?? 0) : 0),
    slept: world.asleep > 0 ? night * (jumps.slept ?? 0) : 0,
  })
  start({ ...facts, clock })
  await until("two looks", () => world.looks >= 2)
  await ticks()
  world.asleep = night
  world.change("1", { state: "HUNG", need: "hung", detail: "no answer" })
  await until("the night to be noted", () => facts.watching.state.awakeSince !== null)
  const before = world.looks
  writeFileSync(join(folder, "sessions/1.json"), "{}")
  await until("a look after it", () => world.looks > before)
  await ticks(4)
  expect([world.copies, world.told]).toEqual([[], []])
})

test("a clock that was set back is looked at, and keeps neither a copy nor a word from being made", async () => {
  world.session(1)
  start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  const before = world.looks
  world.asleep = -86_400_000
  await until("a look", () => world.looks > before)
  world.change("1", full)
  writeFileSync(join(folder, "sessions/1.json"), "{}")
  await until("it to be told", () => world.told.length > 0)
  expect(world.copies).toEqual(["1"])
})

test("an export that takes longer than the cool-down is not begun a second time", async () => {
  const made = Promise.withResolvers<void>()
  let begun = 0
  world.save = async (wanted) => {
    begun++
    await made.promise
    return wanted.map(saved)
  }
  const { key } = world.session(1, full)
  start()
  await until("the copy to begin", () => begun === 1)
  world.asleep = 2 * watchConstants.coolDownMs
  world.change(key, { size: 50_000_000 })
  const before = world.looks
  writeFileSync(join(folder, "sessions/1.json"), "{}")
  await until("a look after the cool-down", () => world.looks > before)
  await ticks(4)
  expect(begun).toBe(1)
  made.resolve()
  await until("the copy of what was written since then", () => begun === 2)
})
