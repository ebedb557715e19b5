/** What a person is sent to whose client has lost a part of a session, or all of it. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Machine } from "../fixtures/machine.ts"
import { conversation, record, sessionId, user } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(3)
const short = id.slice(0, 8)
const cwd = "/"
const talk = { id, cwd, at: new Date("2026-01-31T12:00:00Z") }

async function lastLine(...args: string[]): Promise<string> {
  const { code, stdout } = await machine.run(args)
  expect([args, code]).toEqual([args, 0])
  return stdout.trimEnd().split("\n").at(-1) ?? ""
}

test("a crashed session that is smaller than its copy leads to what is gone, not to a resume of what is left", async () => {
  const path = machine.transcript(id, {
    cwd,
    text: conversation(talk) + record(talk, 3, user("the last words")),
  })
  await machine.run(["export", id])
  const [first = ""] = readFileSync(path, "utf8").split("\n")
  writeFileSync(path, `${first}\n`)
  const next = `Next: session-rescue diff ${short}   (what is gone; restore ${short} --force saves what is left, then brings it back)`
  expect(await lastLine("status", "--all")).toBe(next)
  expect(await lastLine("export", id)).toBe(next)
  expect(await lastLine("status", "--all")).toBe(next)
  expect(await lastLine("resume", id)).toBe(next)
  // the newest export lacks it, too
  const said = await machine.run(["diff", id])
  expect([said.code, said.stdout]).toEqual([0, expect.stringContaining("the last words")])
  expect((await machine.run(["restore", id, "--force"])).code).toBe(0)
  expect(readFileSync(path, "utf8")).toContain("the last words")
  expect(await lastLine("resume", id)).not.toContain("what is gone")
})

test("where nothing is left, what was saved is named", async () => {
  const path = machine.transcript(id, { cwd })
  await machine.run(["export", id])
  rmSync(path)
  for (const args of [["status"], [], ["export"], ["resume"]])
    expect(await lastLine(...args)).toBe(
      "Next: session-rescue list   (what was saved before; restore ID brings it back)",
    )
  expect(await lastLine("list")).toContain(`session-rescue restore ${short}`)
})

test("a copy that was redacted, as an unpacked one may be, was saved as well", async () => {
  const path = machine.transcript(id, { cwd })
  await machine.run(["export", id])
  rmSync(path)
  const pending = join(machine.data, "sessions-export-pending-anthropic")
  for (const name of readdirSync(pending).filter((each) => each.includes("-LOSSLESS-")))
    renameSync(join(pending, name), join(pending, name.replace("-LOSSLESS-", "-REDACTED-")))
  expect(await lastLine("status")).toStartWith("Next: session-rescue list ")
})

test.each(["", "projects"])(
  "exports in a data folder that is the home's own %p are no files of a session",
  async (below) => {
    machine.transcript(id, { cwd })
    const data = join(machine.claude, below)
    const bytes: number[] = []
    for (let round = 0; round < 2; round++) {
      const { json } = await machine.run(["export", id, "--json", "--data-dir", data])
      bytes.push(json.exports[0].files)
    }
    expect(bytes).toEqual([1, 1])
    expect(
      readdirSync(join(data, "sessions-export-pending-anthropic")).filter((name) => name.endsWith(".jsonl")),
    ).toHaveLength(1)
  },
)
