/** What the resident watcher tells, and that nothing keeps it from telling what comes later. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { watchConstants } from "../../../../src/operations/watch/open.ts"
import { until } from "../../../fixtures/until.ts"
import { full, saved, ticks, World } from "./world.ts"

let world: World
beforeEach(() => {
  world = new World()
})
afterEach(() => world.dispose())

test("what is seen within the time for gathering is told as one", async () => {
  for (let number = 1; number <= 40; number++) world.session(number, full)
  world.start()
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
  world.start()
  await until("it to be told", () => world.told.length > 0)
  expect(world.told[0]?.map((notice) => notice.saved)).toEqual(["saving"])
  const before = world.looks
  world.hint()
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
  const facts = world.start()
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
  world.start({
    ...facts,
    tell: async (notices) => {
      if (fails) throw new Error("no process could be started")
      return facts.tell(notices)
    },
  })
  world.session(1, full)
  world.hint()
  await until("the error", () => facts.watching.state.errors[0]?.message === "no process could be started")
  const untold = facts.watching.kept.notes["1"]?.context?.toldMark
  fails = false
  world.session(2, full)
  world.hint("2.json")
  await until("both to be told", () => world.told.flat().length === 2)
  await ticks(4)
  expect([untold, world.told.flat().map(({ sight: { id } }) => id)]).toEqual([null, ["1", "2"]])
})

test("a line that cannot be printed keeps nothing from being told, and it is told once", async () => {
  const facts = world.facts()
  world.start({
    ...facts,
    onEvent: ({ kind }) => {
      if (kind === "told") throw new Error("standard output is closed")
    },
  })
  world.session(1, full)
  world.hint()
  await until("the first", () => world.told.length === 1)
  world.session(2, full)
  world.hint("2.json")
  await until("the second", () => world.told.length === 2)
  await ticks(4)
  expect(world.told.flat().map(({ sight: { id } }) => id)).toEqual(["1", "2"])
})
