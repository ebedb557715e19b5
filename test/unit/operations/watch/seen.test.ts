/** What a watcher on a terminal says that it sees. */
import { expect, test } from "bun:test"
import { changesSeen } from "../../../../src/operations/watch/seen.ts"
import { type SeenSession, seenOf } from "../../../../src/operations/watch/state.ts"
import { sight } from "../../domain/watch/sights.ts"

const seen = (key: string, changes: Partial<SeenSession> = {}): SeenSession => ({
  ...seenOf(sight({ key }), []),
  ...changes,
})
const changes = (before: readonly SeenSession[], now: readonly SeenSession[]) =>
  changesSeen(before, now).map(({ how, session: { key, detail } }) => [how, key, detail])

test("who runs now, whose state or reasons changed, and whose client is gone", () => {
  const before = [seen("a"), seen("b"), seen("c"), seen("d"), seen("e", { pid: null })]
  const now = [
    seen("a"),
    seen("b", { state: "HUNG", detail: "no answer" }),
    seen("c", { reasons: ["context"] }),
    seen("e"),
    seen("f"),
  ]
  expect(changes(before, now)).toEqual([
    ["changed", "b", "no answer"],
    ["changed", "c", "working"],
    ["runs", "e", "working"],
    ["runs", "f", "working"],
    ["gone", "d", "closed"],
  ])
})

test("a turn that begins or ends is no news, and what crashed is said to have", () => {
  expect(changes([seen("a")], [seen("a", { detail: "waiting for you" })])).toEqual([])
  const crashed = seen("a", { pid: null, state: "ORPHANED", detail: "crashed", reasons: ["crashed"] })
  expect(changes([seen("a")], [crashed])).toEqual([["gone", "a", "crashed"]])
  expect(changes([crashed], [crashed])).toEqual([])
})
