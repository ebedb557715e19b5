/** `sx`: every agent's sessions saved, and written in the common format that names each raw record. */

import { Database } from "bun:sqlite"
import { afterEach, beforeEach, expect, test } from "bun:test"
import { createHash } from "node:crypto"
import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { addRollout, threadId } from "../fixtures/codex.ts"
import { tree } from "../fixtures/machine.ts"
import { assistant, sessionId, user } from "../fixtures/talk/conversation.ts"
import { ran, Talks } from "../search/conversations.ts"

let machine: Talks
const thread = threadId(1)
beforeEach(() => {
  machine = new Talks()
  const talk = machine.talk(1)
  machine.say(talk, [
    user("please fix the login page"),
    ...ran("make login", "t1", "no rule to make login", { failed: true }),
    assistant("It is mended, ünïcode included."),
  ])
  machine.subagent(talk, "helper", [user("look at the form"), assistant("It has no label.")])
  addRollout(machine, { id: thread, cwd: "/work/two", prompt: "port the parser" })
})
afterEach(() => machine.dispose())

const output = () => join(machine.root, "out")
// biome-ignore lint/suspicious/noExplicitAny: a test says itself what it expects
const linesOf = (path: string): any[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line))

test("--status counts by agent, --list and --dry-run name the sessions, and nothing is written", async () => {
  const before = tree(machine.root)
  const status = await machine.run(["sx", "--status", "--json"])
  expect([status.code, status.stderr]).toEqual([0, ""])
  expect(status.json.agents).toMatchObject([
    { agent: "claude-code", sessions: 1, saved: 0, unsaved: 1, pending: 0, archived: 0 },
    { agent: "codex", sessions: 1, saved: 0, unsaved: 1, pending: 0, archived: 0 },
  ])
  const list = await machine.run(["sx", "--list", "--llm", "codex", "--json"])
  expect(list.json.sessions).toMatchObject([{ id: thread, agent: "codex", saved: "none" }])
  const plan = await machine.run(["sx", "--llm", "all", "--dry-run"])
  expect(plan.stdout).toContain("would save")
  expect(plan.stdout).toContain("2 sessions")
  expect(tree(machine.root)).toEqual(before)
})

test("every agent's sessions go to its own pending folder, and --process archives them", async () => {
  const { code, stdout } = await machine.run(["sx"])
  expect([code, stdout]).toEqual([0, expect.stringContaining("1 saved now, 0 saved before")])
  for (const name of ["anthropic", "codex"])
    expect(readdirSync(join(machine.data, `sessions-export-pending-${name}`))).not.toEqual([])
  const again = await machine.run(["sx", "--llm", "claude,codex", "--process", "--json"])
  expect(again.json).toMatchObject({
    exports: [{ status: "unchanged" }, { status: "unchanged" }],
    processed: { exports: 2, archived: 2 },
  })
  const status = await machine.run(["sx", "--status", "--json"])
  expect(status.json.agents).toMatchObject([
    { agent: "claude-code", saved: 1, pending: 0, archived: 1 },
    { agent: "codex", saved: 1, pending: 0, archived: 1 },
  ])
})

test("round trip: each line names its raw record by place and sum, and says what the record says", async () => {
  const { code } = await machine.run(["sx", "--output", output(), "--format", "jsonl"])
  expect(code).toBe(0)
  const names = readdirSync(output()).toSorted()
  expect(names.map((name) => name.replace(/^[^s]*/, ""))).toEqual(
    [`session-claude-${sessionId(1)}--full.jsonl`, `session-codex-${thread}--full.jsonl`].toSorted(),
  )
  for (const [agent, name] of [
    ["anthropic", names.find((each) => each.includes("claude")) ?? ""],
    ["codex", names.find((each) => each.includes("codex")) ?? ""],
  ] as const) {
    const [head, ...messages] = linesOf(join(output(), name))
    const folder = join(machine.data, `sessions-export-pending-${agent}`)
    const manifestText = readFileSync(join(folder, `${head._meta.export}.manifest.json`))
    const manifest = JSON.parse(manifestText.toString())
    expect(head._meta).toMatchObject({ format: "cusf", version: 1, session_id: manifest.session.id })
    expect(head._meta.manifest_sha256).toBe(createHash("sha256").update(manifestText).digest("hex"))
    expect(messages.map(({ seq }) => seq)).toEqual(messages.map((_, index) => index + 1))
    for (const { source, content } of messages) {
      const file = manifest.files.find(({ relative }: { relative: string }) => relative === source.file)
      const raw = readFileSync(join(folder, file.path)).subarray(source.offset, source.offset + source.length)
      expect(createHash("sha256").update(raw).digest("hex")).toBe(source.sha256)
      const record = JSON.stringify(JSON.parse(raw.toString())) // one whole record, and nothing else
      for (const { text } of content)
        for (const line of text.split("\n")) expect(record).toContain(JSON.stringify(line).slice(1, -1))
    }
  }
  const claude = linesOf(join(output(), names.find((each) => each.includes("claude")) ?? "")).slice(1)
  expect(claude.map(({ role, subagent, content }) => [role, subagent !== null, content[0].type])).toEqual([
    ["user", false, "text"],
    ["assistant", false, "tool_use"],
    ["tool", false, "tool_result"],
    ["assistant", false, "text"],
    ["user", true, "text"],
    ["assistant", true, "text"],
  ])
  expect(claude[2].content[0]).toMatchObject({ call_id: "t1", is_error: true })
})

test("an archived export is written as well, one document or one database; twice is once", async () => {
  await machine.run(["sx", "--process"])
  await machine.run(["sx", "--output", output()])
  const document = await machine.run(["sx", "--output", output(), "--format", "json", "--json"])
  expect(document.json.written).toMatchObject([{ format: "json", status: "written" }, { status: "written" }])
  for (const { path } of document.json.written) {
    const { _meta, messages } = JSON.parse(readFileSync(path, "utf8"))
    expect([_meta, ...messages].length).toBeGreaterThan(1)
    expect([{ _meta }, ...messages]).toEqual(linesOf(path.replace(/json$/, "jsonl")))
  }
  const sqlite = () => machine.run(["sx", "--output", output(), "--format", "sqlite", "--json"])
  expect((await sqlite()).json.written).toMatchObject([
    { status: "written", messages: 6 },
    { status: "written" },
  ])
  expect((await sqlite()).json.written).toMatchObject([{ status: "present" }, { status: "present" }])
  const database = new Database(join(output(), "sessions.sqlite"), { readonly: true })
  const rows = database
    .query("select role, text from message where session_id = ? order by seq")
    .all(sessionId(1))
  expect(rows[0]).toEqual({ role: "user", text: "please fix the login page" })
  expect(database.query("select count(*) as count from session").get()).toEqual({ count: 2 })
  database.close()
})

test("--session takes one alone; --source takes a home that is a copy", async () => {
  const one = await machine.run(["sx", "--session", sessionId(1).slice(0, 8), "--json"])
  expect(one.json.exports.map(({ id }: { id: string }) => id)).toEqual([sessionId(1)])
  const copy = join(machine.root, "copy")
  mkdirSync(copy)
  machine.write(
    join(copy, "projects/-work-x", `${sessionId(7)}.jsonl`),
    readFileSync(machine.transcriptPath(sessionId(1), "/work/one")),
  )
  const { json } = await machine.run(["sx", "--source", copy, "--json"])
  expect(json.exports.map(({ id }: { id: string }) => id)).toEqual([sessionId(7)])
  const none = await machine.run(["sx", "--source", join(machine.root, "nowhere")])
  expect([none.code, none.stderr]).toEqual([3, expect.stringContaining("no sessions found")])
})

test("what contradicts itself is refused before anything is saved", async () => {
  for (const args of [
    ["--format", "json"],
    ["--format", "xml", "--output", output()],
    ["--status", "--process"],
    ["--status", "--list"],
    ["--llm", "emacs"],
    ["01e5af14"],
  ])
    expect([args, (await machine.run(["sx", ...args])).code]).toEqual([args, 2])
  expect(existsSync(machine.data)).toBe(false)
})

test("a database of others and a torn record are not hidden", async () => {
  mkdirSync(output())
  const other = new Database(join(output(), "sessions.sqlite"))
  other.run("create table theirs (x)")
  other.close()
  const { code, stdout } = await machine.run(["sx", "--output", output(), "--format", "sqlite"])
  expect([code, stdout]).toEqual([1, expect.stringContaining("is no database of sx")])
  const torn = machine.talk(2)
  machine.say(torn, [user("one"), user("two")])
  machine.write(
    machine.transcriptPath(torn.id, torn.cwd),
    `${readFileSync(machine.transcriptPath(torn.id, torn.cwd))}{"type":"user","mess`,
  )
  const written = await machine.run(["sx", "--session", torn.id, "--output", output(), "--json"])
  const damaged = linesOf(written.json.written[0].path)
    .slice(1)
    .filter((line) => line.damaged !== null)
  expect(damaged).toMatchObject([{ content: [], source: { length: 20 } }])
})

test("the plugin writes the same while exports are processed, once it is given a folder", async () => {
  await machine.run(["sx"])
  const quiet = await machine.run(["cx", "--no-archive", "--json"])
  const plugins = (each: { plugins: { plugin: string }[] }) => each.plugins.map(({ plugin }) => plugin)
  expect(quiet.json.exports.flatMap(plugins)).not.toContain("cusf")
  machine.write(
    join(machine.home, ".config/session-rescue/config.toml"),
    `[plugins.cusf]\noutput = "~/cusf"\n`,
  )
  const { json } = await machine.run(["cx", "--json"])
  expect(json.exports.map(plugins)).toEqual([
    expect.arrayContaining(["cusf"]),
    expect.arrayContaining(["cusf"]),
  ])
  await machine.run(["sx", "--output", output()])
  const names = readdirSync(output())
  expect(readdirSync(join(machine.home, "cusf")).toSorted()).toEqual(names.toSorted())
  for (const name of names)
    expect(linesOf(join(machine.home, "cusf", name))).toEqual(linesOf(join(output(), name)))
})
