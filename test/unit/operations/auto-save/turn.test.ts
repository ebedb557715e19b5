/** Copies that nobody asked for are made one at a time, and none is left out for it. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { takeTurn } from "../../../../src/operations/auto-save/turn.ts"

let data: string
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), "turn-"))
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

const never = new AbortController().signal
const turn = (waitMs: number, signal = never) => takeTurn({ data }, { waitMs, signal })

test("the second begins when the first has ended, and leaves no lock behind", async () => {
  const first = await turn(0)
  let second: Awaited<ReturnType<typeof turn>> | null = null
  const waiting = turn(60_000).then((taken) => {
    second = taken
  })
  await Bun.sleep(200)
  expect([first.is, second as unknown]).toEqual(["alone", null])
  first.end()
  await waiting
  expect(second as unknown).toMatchObject({ is: "alone" })
  ;(second as unknown as typeof first).end()
  expect(existsSync(join(data, "watch/.locks"))).toBe(false)
})

test("one that has waited for long enough begins all the same", async () => {
  await turn(0)
  expect((await turn(100)).is).toBe("beside another")
})

test("one whose process is to end waits no longer", async () => {
  await turn(0)
  expect((await turn(600_000, AbortSignal.timeout(50))).is).toBe("beside another")
})

test("where no lock can be made it begins all the same", async () => {
  writeFileSync(join(data, "watch"), "") // no folder
  expect((await turn(600_000)).is).toBe("alone")
})
