import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test"
import { appendFileSync, renameSync, symlinkSync } from "node:fs"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

setDefaultTimeout(30_000)
let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(1)
const state = async () => (await machine.run(["status", "--all", "--json"])).json.sessions[0].state

test("a transcript that has become a link is archived no more: what it leads to may be anything", async () => {
  const path = machine.transcript(id)
  for (const args of [["export", id], ["cx"]]) expect((await machine.run(args)).code).toBe(0)
  expect(await state()).toBe("COMPLETED")
  const moved = join(machine.root, "moved.jsonl")
  renameSync(path, moved)
  symlinkSync(moved, path)
  appendFileSync(moved, '{"type":"user"}\n')
  expect(await state()).toBe("ORPHANED")
})

test("a link of its own that leads elsewhere since is not in the archive", async () => {
  machine.transcript(id)
  const link = join(machine.claude, "tasks", id, "link")
  machine.write(join(link, "../1.json"), "{}")
  symlinkSync("one", link)
  for (const args of [["export", id], ["cx"]]) expect((await machine.run(args)).code).toBe(0)
  expect(await state()).toBe("COMPLETED")
  renameSync(link, `${link}-2`)
  expect(await state()).toBe("ORPHANED")
})
