/** An open list takes its changes from a watcher that runs. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { WatcherHints } from "../../../../src/operations/watch/hints.ts"
import { ownRunner } from "../../../../src/operations/watch/open.ts"
import { emptyState, type WatchState, writeWatchState } from "../../../../src/operations/watch/state.ts"
import { systemFiles } from "../../../../src/system/fs/files.ts"

let data: string
let hints: WatcherHints
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "hints-"))
  hints = new WatcherHints(
    { data },
    systemFiles(() => {}),
  )
})
afterEach(() => rmSync(data, { recursive: true }))

const write = (changes: Partial<WatchState>) => writeWatchState({ data }, { ...emptyState(), ...changes })

test("a change is what the watcher has seen, not each time that it writes", async () => {
  const runner = await ownRunner("1", Date.now())
  await write({ runner, changes: 4 })
  expect(await hints.areThere()).toBe(true)
  expect([hints.haveChanged(), hints.haveChanged()]).toEqual([true, false])
  await write({ runner, changes: 4, lastLookAt: 1 }) // it told something
  expect(hints.haveChanged()).toBe(false)
  await write({ runner, changes: 5 })
  expect([hints.haveChanged(), hints.haveChanged()]).toEqual([true, false])
})

test.each<[string, () => Promise<void>]>([
  ["was never started", async () => {}],
  ["has ended", () => write({ runner: null })],
  [
    "was killed, and whose pid is another process now",
    async () => write({ runner: { ...(await ownRunner("1", 1)), startMark: "another" } }),
  ],
])("a watcher that %s gives none: the list looks itself", async (_, prepare) => {
  await prepare()
  expect(await hints.areThere()).toBe(false)
})
