/** The resident watcher with a machine that the test makes up, and short waits. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { ClockSample } from "../../../../src/domain/watch/clocks.ts"
import { watchConstants } from "../../../../src/operations/watch/open.ts"
import { Watcher } from "../../../../src/operations/watch/watcher.ts"
import { until } from "../../../fixtures/until.ts"
import { full, saved, ticks, World } from "./world.ts"

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.dispose())

test("nothing is looked at while nothing changes", async () => {
  world.session(1, { need: "waiting" })
  world.start()
  await until("two looks", () => world.looks >= 2) // the second: the folders were not known before
  const before = world.looks
  await ticks(10)
  expect([world.looks, world.rests.slice(0, 3)]).toEqual([before, [true, false, false]])
})

test("a change in a registry folder is looked at, also while a look goes on", async () => {
  world.session(1)
  world.start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  const before = world.looks
  world.onLook = () => {
    world.onLook = () => {}
    world.hint("2.json")
  }
  world.hint()
  await until("two more looks", () => world.looks >= before + 2)
})

test.each([
  ["behind a link", () => symlinkSync(join(world.folder, "real"), join(world.folder, "link"))],
  ["that comes later", () => {}],
])("a folder %s is looked at, too", async (_, link) => {
  mkdirSync(join(world.folder, "real"))
  link()
  world.folders = [join(world.folder, "link")]
  world.start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  const before = world.looks
  mkdirSync(join(world.folder, "link"), { recursive: true })
  writeFileSync(join(world.folder, "link/1.json"), "{}")
  await until("another look", () => world.looks > before)
})

test("a folder that is replaced is looked at before and after", async () => {
  world.start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  for (const name of ["a", "b"]) {
    const before = world.looks
    renameSync(join(world.folder, "sessions"), join(world.folder, `old-${name}`))
    mkdirSync(join(world.folder, "sessions"))
    writeFileSync(join(world.folder, `sessions/${name}.json`), "{}")
    await until(`a look after ${name}`, () => world.looks > before)
    await ticks()
  }
})

test("a killed client, a suspended one and a transcript that grows make no event, and are seen", async () => {
  const first = world.session(1)
  world.session(2)
  world.start()
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
  world.start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  const before = world.looks
  world.alive.set(1, { startMark: "2", letter: "S" })
  await until("a look", () => world.looks > before)
})

test("a machine that slept has no hung sessions for it", async () => {
  world.session(1, { lastActivity: Date.now() - 60_000 })
  const facts = world.start()
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
  const facts = world.start()
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
  const running = new Watcher(facts).run(new AbortController().signal).then((ended) => {
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
  world.start(world.facts({ patienceMs: 1 }))
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
  world.start({ ...facts, clock })
  await until("two looks", () => world.looks >= 2)
  await ticks()
  world.asleep = night
  world.change("1", { state: "HUNG", need: "hung", detail: "no answer" })
  await until("the night to be noted", () => facts.watching.state.awakeSince !== null)
  const before = world.looks
  world.hint()
  await until("a look after it", () => world.looks > before)
  await ticks(4)
  expect([world.copies, world.told]).toEqual([[], []])
})

test("a clock that was set back is looked at, and keeps neither a copy nor a word from being made", async () => {
  world.session(1)
  world.start()
  await until("two looks", () => world.looks >= 2)
  await ticks()
  const before = world.looks
  world.asleep = -86_400_000
  await until("a look", () => world.looks > before)
  world.change("1", full)
  world.hint()
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
  world.start()
  await until("the copy to begin", () => begun === 1)
  world.asleep = 2 * watchConstants.coolDownMs
  world.change(key, { size: 50_000_000 })
  const before = world.looks
  world.hint()
  await until("a look after the cool-down", () => world.looks > before)
  await ticks(4)
  expect(begun).toBe(1)
  made.resolve()
  await until("the copy of what was written since then", () => begun === 2)
})
