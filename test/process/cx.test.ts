/** cx as a person runs it: what is pending becomes findable and goes to the archive. */
import { afterEach, beforeEach, expect, test } from "bun:test"
import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { parseExportName } from "../../src/domain/export/export.ts"
import { committed, namesIn } from "../export/export-invariants.ts"
import { tree } from "../fixtures/machine.ts"
import { assistant, record, user } from "../fixtures/talk/conversation.ts"
import { Talks } from "../search/conversations.ts"

let machine: Talks
beforeEach(() => {
  machine = new Talks()
})
afterEach(() => machine.dispose())

/** Sessions 1…n that are exported: each says its own word. */
async function exported(count: number): Promise<string[]> {
  for (let n = 1; n <= count; n++) {
    const cwd = n === 2 ? "/work/shop" : "/work/one"
    machine.say(machine.talk(n, { cwd }), [user(`the word of it is needle${n}`), assistant(`so be it ${n}`)])
  }
  const answer = await machine.run(["export", "--all", "--json"])
  expect(answer.code).toBe(0)
  const names = committed(machine).map((base) => base.slice(machine.pending.length + 1))
  const idOf = (name: string) => parseExportName(name)?.id ?? name
  return names.toSorted((a, b) => (idOf(a) < idOf(b) ? -1 : 1)) // two may be of different seconds
}

/** The raw bytes that a hit says it was read from, by nobody's code but zstd's. */
function rawOf({ source }: { source: { path: string; offset: number; length: number } }): string {
  const { path, offset, length } = source
  const bytes = path.endsWith(".zst")
    ? Bun.spawnSync(["zstd", "-q", "-d", "-c", path]).stdout
    : readFileSync(path)
  return bytes.toString("utf8", offset, offset + length)
}

test("exports are read and archived, and what was said is found where it lies now", async () => {
  await exported(3)
  const answer = await machine.run(["cx"])
  expect([answer.code, answer.stderr]).toEqual([0, ""])
  expect(answer.stdout).toMatch(
    /3 exports checked, 3 archived in \S+archive-anthropic\. Index: 6 new message parts from \d+ [KM]?B, no line skipped, [\d.]+ MB\/s\.\nNext: /,
  )
  expect(namesIn(machine.pending)).toEqual([])
  rmSync(machine.claude, { recursive: true }) // the client's own files are purged: the archive is all there is
  for (const n of [1, 2, 3]) {
    const { json } = await machine.ask(`needle${n}`)
    expect(json.hits).toHaveLength(1)
    const [hit] = json.hits
    expect(hit.source).toMatchObject({ place: "archived", gone: false, document: "" })
    expect(hit.source.path).toEndWith(".jsonl.zst")
    expect(JSON.parse(rawOf(hit)).message.content).toBe(hit.text)
  }
})

test("a live file, its export and the archive hold a record once", async () => {
  const talk = machine.talk(1)
  await machine.read()
  await exported(1)
  await machine.read()
  expect(await machine.texts("needle1")).toHaveLength(1)
  appendFileSync(machine.transcriptPath(talk.id, talk.cwd), record(talk, 7, user("later needle1")))
  await machine.read()
  expect(await machine.texts("needle1")).toHaveLength(2)
  await machine.run(["export", "--all"])
  await machine.read("--rebuild")
  expect(await machine.texts("needle1")).toHaveLength(2)
})

test("--live reads the clients' homes and writes nothing there; a purged file keeps its rows", async () => {
  const talk = machine.talk(4)
  const path = machine.say(talk, [user("only live: livingneedle")])
  const before = tree(machine.claude)
  const { json } = await machine.read("--json")
  expect(json).toMatchObject({ exports: [], sessionsSeen: 1, indexed: { messages: 1, skippedCount: 0 } })
  expect(tree(machine.claude)).toEqual(before)
  const [hit] = (await machine.ask("livingneedle")).json.hits
  expect(hit.source).toMatchObject({ path, place: "live", gone: false })
  expect(JSON.parse(rawOf(hit)).message.content).toContain("livingneedle")
  rmSync(path)
  await machine.read()
  expect((await machine.ask("livingneedle")).json.hits).toMatchObject([{ source: { path, gone: true } }])
  const shown = await machine.run(["show", talk.id, "--around", String(hit.part)])
  expect([shown.code, shown.stdout]).toEqual([0, expect.stringContaining("its file no longer exists")])
  expect(shown.stdout).toContain("livingneedle")
})

test("a link in a session's folder is not followed", async () => {
  const talk = machine.talk(6)
  machine.say(talk, [user("linkedneedle is said")])
  machine.write(join(machine.root, "private/notes.txt"), "linkedneedle of another\n")
  machine.write(join(machine.root, "private/agent-x.jsonl"), record(talk, 9, user("linkedneedle of another")))
  machine.write(machine.beside(talk, "other.txt"), "linkedneedle in no such folder\n")
  for (const name of ["tool-results", "subagents"])
    symlinkSync(join(machine.root, "private"), machine.beside(talk, name))
  await machine.read()
  expect(await machine.texts("linkedneedle")).toEqual(["linkedneedle is said"])
})

test("--dry-run says what would happen and writes nothing", async () => {
  await exported(2)
  machine.say(machine.talk(3), [user("not exported")])
  const before = tree(machine.root)
  const answer = await machine.run(["cx", "--live", "--dry-run"])
  expect(answer.code).toBe(0)
  expect(answer.stdout).toMatch(/run context-extractor(, [\w-]+)*, then archive\n/)
  expect(answer.stdout).toMatch(
    /2 exports would be processed\. New content of 3 sessions .*Nothing was changed\./,
  )
  const { json } = await machine.run(["cx", "--live", "--dry-run", "--json"])
  expect(json).toMatchObject({ schemaVersion: 1, dryRun: true, sessionsToRead: 3 })
  expect(tree(machine.root)).toEqual(before)
})

test("--no-archive reads and leaves pending; --no-index archives and reads nothing", async () => {
  const names = await exported(2)
  const kept = await machine.run(["cx", "--no-archive", "--json"])
  expect([kept.code, kept.json.indexed.messages]).toEqual([0, 4])
  expect(committed(machine)).toHaveLength(names.length)
  expect(await machine.texts("needle2")).toHaveLength(1)
  rmSync(join(machine.data, "context-storage"), { recursive: true })
  const blind = await machine.run(["cx", "--no-index", "--json"])
  expect([
    blind.code,
    blind.json.exports.map(({ archived }: { archived: string }) => archived !== null),
  ]).toEqual([0, [true, true]])
  expect(existsSync(machine.database)).toBe(false)
  expect((await machine.ask("needle2", "--no-refresh")).json.error.code).toBe("NO_INDEX")
  const later = await machine.run(["cx"]) // what was archived unread is caught up with
  expect([later.code, await machine.texts("needle2")]).toEqual([0, ["the word of it is needle2"]])
})

test("one that fails stays pending with the reason, and holds up no other", async () => {
  const [first = "", second = ""] = await exported(2)
  writeFileSync(join(machine.pending, `${first}.manifest.json`), "{")
  const answer = await machine.run(["cx"])
  expect(answer.code).toBe(1)
  expect(answer.stdout).toMatch(/FAILED .*\n.*manifest cannot be read/)
  expect(answer.stdout).toMatch(/2 exports checked, 1 archived in \S+, 1 FAILED and unchanged\. /)
  expect(namesIn(machine.pending)).toContain(`${first}.jsonl`)
  expect(namesIn(machine.archive)).toContain(`${second}.jsonl.zst`)
  const { json } = await machine.run(["cx", "--json"])
  expect(json.exports).toMatchObject([{ name: first, archived: null, failure: { code: "DAMAGED" } }])
})

test("--verify leaves out what does not match its manifest, and ends with 1", async () => {
  const [first = ""] = await exported(2)
  const path = join(machine.pending, `${first}.jsonl`)
  const bytes = readFileSync(path)
  bytes[bytes.indexOf("needle")] = 0x4e
  writeFileSync(path, bytes)
  const answer = await machine.run(["cx", "--verify", "--no-archive", "--json"])
  expect([answer.code, answer.json.damaged.length, answer.json.exports.length]).toEqual([1, 1, 1])
  expect(answer.json.damaged[0]).toMatchObject({ name: first, path })
  expect(await machine.texts("needle2", "--no-refresh")).toHaveLength(1)
  expect((await machine.ask("needle1", "--no-refresh")).code).toBe(3)
  const said = await machine.run(["cx", "--verify"])
  expect([said.code, said.stdout]).toEqual([
    1,
    expect.stringMatching(new RegExp(`DAMAGED .*\\n +\\S+/${first}.jsonl\\n`)),
  ])
})

test("a copy made by hand is adopted, read and archived", async () => {
  const talk = machine.talk(9)
  const path = machine.say(talk, [user("copied by hand: handneedle")])
  cpSync(path, machine.write(join(machine.pending, "2026-01-31T10-00-00Z-LOSSLESS-session.jsonl"), ""), {
    preserveTimestamps: true,
  })
  const answer = await machine.run(["cx"])
  expect([answer.code, answer.stderr]).toEqual([0, expect.stringContaining("had no manifest")])
  expect((await machine.ask("handneedle")).json.hits).toMatchObject([{ source: { place: "archived" } }])
})

test("--project, --llm and names choose; a file elsewhere is only read", async () => {
  await exported(2)
  const some = await machine.run(["cx", "--project", "SHOP", "--json"])
  expect(some.json.exports.map(({ id }: { id: string }) => id)).toEqual([machine.talk(2).id])
  const unknown = await machine.run(["cx", "--llm", "hal9000", "--json"])
  expect([unknown.code, unknown.json.error]).toMatchObject([
    2,
    { code: "USAGE", hint: "known: aider, claude-code, cline, codex, copilot, gemini, kimi, opencode, qwen" },
  ])
  const talk = machine.talk(8)
  const elsewhere = machine.write(join(machine.root, "far/away.jsonl"), record(talk, 0, user("farneedle")))
  const read = await machine.run(["cx", elsewhere, "--json"])
  expect([read.code, read.json.exports, read.json.indexed.messages]).toEqual([0, [], 1])
  expect((await machine.ask("farneedle")).json.hits).toMatchObject([
    { session: talk.id, source: { path: elsewhere } },
  ])
  expect(readFileSync(elsewhere, "utf8")).toBe(record(talk, 0, user("farneedle")))
  const one = await machine.run(["cx", machine.talk(1).id.slice(0, 8), "--llm", "claude", "--json"])
  expect([one.code, one.json.exports.length]).toEqual([0, 1])
  const none = await machine.run(["cx", "deadbeef", "--json"])
  expect([none.code, none.json.error.code]).toEqual([3, "EXPORT_NOT_FOUND"])
  for (const args of [["--live"], ["--rebuild"], [elsewhere]]) {
    const contrary = await machine.run(["cx", "--no-index", ...args, "--json"])
    expect([contrary.code, contrary.json.error.code]).toEqual([2, "USAGE"])
  }
  const wrong = await machine.run(["cx", machine.write(join(machine.root, "notes.txt"), "x"), "--json"])
  expect([wrong.code, wrong.json.error.code]).toEqual([2, "USAGE"])
})

test("--stats tells what the index holds; --rebuild makes it anew and keeps the old one", async () => {
  await exported(2)
  await machine.run(["cx"])
  const { json } = await machine.run(["cx", "--stats", "--json"])
  expect(json).toMatchObject({ schemaVersion: 1, path: machine.database, sessions: 2, parts: 4, damaged: 0 })
  expect(json.byAgent).toEqual([{ agent: "claude-code", sessions: 2, parts: 4 }])
  expect((await machine.run(["cx", "--stats"])).stdout).toContain("2 sessions, 4 message parts")
  rmSync(machine.claude, { recursive: true })
  const again = await machine.run(["cx", "--rebuild", "--json"])
  expect([again.code, again.json.indexed.messages]).toEqual([0, 4])
  expect(again.json.warnings.join()).toMatch(/the old index was kept as .*aside-1\.db/)
  expect(await machine.texts("needle1")).toHaveLength(1)
})

test("the document", async () => {
  const [name] = await exported(1)
  const { json } = await machine.run(["cx", "--json"])
  expect(Object.keys(json).sort()).toEqual(
    [
      "schemaVersion",
      "exports",
      "interrupted",
      "warnings",
      "damaged",
      "indexed",
      "indexFailure",
      "sessionsSeen",
      "durationMs",
      "team",
    ].sort(),
  )
  expect(json.exports).toMatchObject([{ name, failure: null, busy: false, archived: expect.any(String) }])
  const plugins = json.exports[0].plugins
  expect(plugins.map(({ plugin, status }: Record<string, string>) => `${plugin} ${status}`)).toEqual([
    "context-extractor done",
    "coditect-extractor done",
  ])
  expect(plugins[1].result).toEqual({ skipped: "CODITECT's own extractor is not installed" })
  expect(json.indexed).toMatchObject({ messages: 2, skipped: [], rewritten: [], incomplete: [] })
})

test("a rewritten file is read anew and reported; damaged lines are counted and named", async () => {
  const talk = machine.talk(5)
  machine.say(talk, [user("the first telling")])
  await machine.read()
  machine.transcript(talk.id, { cwd: talk.cwd, text: `{"torn\n${record(talk, 3, user("another telling"))}` })
  const answer = await machine.read()
  expect(answer.stdout).toMatch(/was rewritten: indexed again/)
  expect(answer.stdout).toMatch(/skipped in .* at byte 0: /)
  expect(answer.stdout).toContain("1 damaged line skipped")
  expect((await machine.texts("telling")).toSorted()).toEqual(["another telling", "the first telling"])
})
