import { expect, test } from "bun:test"
import { type Alarming, alarmMarks } from "../../../../src/domain/watch/alarms.ts"
import { settings } from "./sights.ts"

const session: Alarming = {
  ...{ key: "a", need: "working", isRunning: true },
  ...{ tokens: 20_000, window: 200_000, compactsAt: null },
}
const marks = (changes: Partial<Alarming>, more = {}) =>
  alarmMarks({ ...session, ...changes }, { ...settings, ...more })

test("the reasons of the watcher are alarms, and others are not", () => {
  expect(marks({})).toEqual([])
  expect(marks({ need: "hung" })).toEqual(["a hung 0"])
  expect(marks({ need: "crashed", isRunning: false })).toEqual(["a crashed 0"])
  expect(marks({ need: "asking" })).toEqual(["a waiting 0"])
  expect(marks({ need: "unsaved", isRunning: false })).toEqual(["a purge 0"])
  expect(marks({ need: "closed", tokens: 190_000, isRunning: false })).toEqual([])
})

test("each threshold of a context is an alarm of its own, and an unknown window none", () => {
  expect(marks({ tokens: 150_000 })).toEqual(["a context 0.75"])
  expect(marks({ tokens: 180_000, need: "asking" })).toEqual(["a waiting 0", "a context 0.9"])
  expect(marks({ tokens: 900_000, window: null })).toEqual([])
  expect(marks({ tokens: 110_000, compactsAt: 117_000 })).toEqual(["a context 0.9"])
})

test("what is not to be told rings no bell", () => {
  expect(marks({ need: "asking" }, { notify: ["hung"] })).toEqual([])
})
