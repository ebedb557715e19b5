/** `restore ID --before POINT` and `diff` in the compiled program. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Machine, tree } from "../fixtures/machine.ts"
import { assistant, record, sessionId, user } from "../fixtures/talk/conversation.ts"

let machine: Machine
beforeEach(() => {
  machine = new Machine()
})
afterEach(() => machine.dispose())

const id = sessionId(8)
const cwd = "/work/one"
const talk = { id, cwd, at: new Date("2026-01-31T12:00:00Z") }
const snapshot = (copies: Record<string, string | null>) =>
  `${JSON.stringify({
    type: "file-history-snapshot",
    messageId: "m",
    snapshot: {
      trackedFileBackups: Object.fromEntries(
        Object.entries(copies).map(([path, backupFileName]) => [path, { backupFileName, version: 1 }]),
      ),
    },
  })}\n`
const lines = [
  record(talk, 0, user("first words")),
  record(talk, 1, assistant("first answer")),
  snapshot({ "/work/one/a.txt": "aaaa@v1", "/work/one/new.txt": null }),
  record(talk, 2, user("second words")),
  record(talk, 3, assistant("second answer")),
  record(talk, 4, { type: "system", subtype: "compact_boundary", parentUuid: null, content: "compacted" }),
  record(talk, 5, { ...user("what was said so far"), isCompactSummary: true }),
  record(talk, 6, user("third words")),
]
const recordsOf = (path: string) =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

describe("restore --before", () => {
  test("a compaction: what was said before it comes back under a new id, the original untouched", async () => {
    const path = machine.transcript(id, { cwd, text: lines.join("") })
    const before = tree(machine.home)
    const said = await machine.run(["restore", id, "--before", "compaction", "--json"])
    expect(said.code).toBe(0)
    expect(said.json).toMatchObject({ messages: 4, of: 6, from: { id } })
    const made = machine.transcriptPath(said.json.id, cwd)
    const records = recordsOf(made)
    expect(records.map(({ type }) => type)).toEqual([
      "user",
      "assistant",
      "file-history-snapshot",
      "user",
      "assistant",
    ])
    expect(new Set(records.flatMap(({ sessionId: its }) => its ?? []))).toEqual(new Set([said.json.id]))
    expect(said.json.restore.resume.command).toContain(said.json.id)
    expect(tree(machine.home)).toMatchObject(before)
    expect(readFileSync(path, "utf8")).toBe(lines.join(""))
  })

  test("words of one prompt; words of several are listed, and of none refused", async () => {
    machine.transcript(id, { cwd, text: lines.join("") })
    const one = await machine.run(["restore", id, "--before", "second words", "--json"])
    expect([one.code, one.json.messages]).toEqual([0, 2])
    const several = await machine.run(["restore", id, "--before", "words"])
    expect([several.code, several.stderr]).toEqual([2, expect.stringContaining('messages have "words"')])
    const none = await machine.run(["restore", id, "--before", "fourth"])
    expect(none.code).toBe(3)
  })

  test("a dry run names the files as they were, and writes nothing", async () => {
    machine.transcript(id, { cwd, text: lines.join("") })
    machine.write(join(machine.claude, "file-history", id, "aaaa@v1"), "as it was")
    const said = await machine.run(["restore", id, "--before", "second words", "--dry-run"])
    expect(said.stdout).toContain("2 files had been changed by then; a copy of 1 is kept")
    expect(said.stdout).toContain("/work/one/new.txt (did not exist)")
    expect(existsSync(machine.data)).toBe(false)
  })

  test("--files writes them below the folder named, and nothing that is there is replaced", async () => {
    machine.transcript(id, { cwd, text: lines.join("") })
    machine.write(join(machine.claude, "file-history", id, "aaaa@v1"), "as it was")
    const to = join(machine.root, "then")
    const args = ["restore", id, "--before", "compaction", "--files", "--to", to, "--json"]
    const said = await machine.run(args)
    expect(said.json.written).toEqual([join(to, "work/one/a.txt")])
    expect(readFileSync(join(to, "work/one/a.txt"), "utf8")).toBe("as it was")
    expect((await machine.run(args)).code).toBe(1)
  })

  test("a path in the records that leads out of that folder is refused", async () => {
    const hostile = lines.with(2, snapshot({ "../../x": "aaaa@v1" })).join("")
    machine.transcript(id, { cwd, text: hostile })
    machine.write(join(machine.claude, "file-history", id, "aaaa@v1"), "as it was")
    const to = join(machine.root, "deep/er/then")
    const said = await machine.run(["restore", id, "--before", "compaction", "--files", "--to", to])
    expect([said.code, said.stderr]).toEqual([1, expect.stringContaining("leads out of")])
    expect(existsSync(join(machine.root, "deep/x"))).toBe(false)
  })
})

describe("diff", () => {
  test("a session and its newest export, in records", async () => {
    machine.transcript(id, { cwd, text: lines.slice(0, 5).join("") })
    await machine.run(["export", id])
    const changed = [lines[0]?.replace("first words", "other words"), ...lines.slice(1, 4), lines[6]].join("")
    machine.transcript(id, { cwd, text: changed })
    const said = await machine.run(["diff", id, "--json"])
    expect(said.code).toBe(0)
    expect(said.json).toMatchObject({
      same: 3,
      moved: 0,
      a: { only: [{ text: "what was said so far" }] },
      b: { only: [{ text: "second answer" }] },
      changed: [{ a: { text: "other words" }, b: { text: "first words" } }],
    })
    const shown = await machine.run(["diff", id])
    expect(shown.stdout).toContain("3 records the same, 1 only in A, 1 only in B, 1 that differ.")
  })

  test("without an export it says what to type", async () => {
    machine.transcript(id, { cwd, text: lines.join("") })
    const said = await machine.run(["diff", id])
    expect([said.code, said.stderr]).toEqual([3, expect.stringContaining("session-rescue export")])
  })
})
