/** Every document that a command prints with --json fits its schema, and a missing, misnamed or additional key does not. */
import { Database } from "bun:sqlite"
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test"
import {
  appendFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs"
import { join } from "node:path"
import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js"
import { commands } from "../../src/cli/commands.ts"
import type { Machine } from "../fixtures/machine.ts"
import { PluginMachine } from "../fixtures/plugins.ts"
import { conversation, sessionId } from "../fixtures/talk/conversation.ts"
import { LeavingMachine } from "../reap/leftover-processes.ts"
import { root, textOf } from "./markdown.ts"

setDefaultTimeout(120_000)
const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
const names = readdirSync(join(root, "docs/schema")).map((file) => file.replace(/\.json$/, ""))
const schemas = new Map(names.map((name) => [name, JSON.parse(textOf(`docs/schema/${name}.json`))]))
const validators = new Map<string, ValidateFunction>(
  names.map((name) => [name, ajv.compile(schemas.get(name))]),
)

/** What was typed, the schema that its document has to fit, and the document. */
interface Printed {
  readonly typed: string
  readonly schema: string
  // biome-ignore lint/suspicious/noExplicitAny: the schema says what it is
  readonly document: any
}
const printed: Printed[] = []

const machine = new PluginMachine()
const leaving = new LeavingMachine()
const cwd = join(machine.root, "shop")
const id = sessionId(1)
const unread = sessionId(2)
const open = sessionId(3)

const ask = (schema: string, ...args: string[]) => askOn(machine, schema, ...args)

async function askOn(on: Machine, schema: string, ...args: string[]) {
  const { stdout, stderr } = await on.run([...args, "--json"], { cwd })
  const typed = args.join(" ")
  if (stdout === "") throw new Error(`${typed} printed nothing: ${stderr}`)
  const document = JSON.parse(stdout)
  printed.push({ typed, schema, document })
  return document
}

beforeAll(async () => {
  mkdirSync(cwd)
  const at = new Date()
  machine.transcript(id, { cwd, text: talk(at), age: 0 })
  machine.transcript(unread, { cwd, age: 26 * 86_400_000 })
  const client = await machine.client({ cwd })
  machine.registry(client, open, { cwd })
  machine.transcript(open, { cwd, open: true })
  machine.add("act", "note.ts", act)

  await ask("version", "--version")
  await ask("help", "--help")
  await ask("error", "--status", "--frobnicate")
  await ask("status", "status", "--all")
  await ask("usage", "usage")
  const config = join(machine.home, ".config/session-rescue/config.toml")
  machine.write(config, 'notify_command = ["/nonexistent"]\n')
  await machine.run(["watch", "--once"])
  await ask("watch", "watch", "--status")
  rmSync(config)
  await ask("error", "kill", String(client.pid))
  await ask("kill", "kill", String(client.pid), "--dry-run")
  await ask("kill", "kill", String(client.pid), "--force")
  await ask("status", "status", "--all")
  await ask("resume", "resume", "--all")
  await ask("dismiss", "dismiss", "--all")
  await ask("export", "export", "--all", "--md5")
  await ask("export", "export", id)
  appendFileSync(machine.transcriptPath(id, cwd), more(at))
  await ask("export", "export", id)
  machine.transcript(unread, { cwd, text: conversation({ id: unread, cwd, at, prompt: "something else" }) })
  await ask("export", "export", unread)
  await ask("list", "list")
  await ask("verify", "verify", "--md5")
  await ask("prune", "prune", "--dry-run")
  await ask("prune", "prune")
  await ask("sx", "sx", "--status")
  await ask("sx", "sx", "--list")
  const { written } = await ask("sx", "sx", "--output", join(machine.root, "out"))
  for (const line of readFileSync(written[0].path, "utf8").trimEnd().split("\n"))
    printed.push({ typed: "a line of CUSF", schema: "cusf", document: JSON.parse(line) })
  await ask("handoff", "handoff", id, "--to", "codex")
  await ask("queue", "queue")
  await ask("cx-dry-run", "cx", "--dry-run")
  await ask("cx", "cx", "--live", "--no-archive")
  await ask("queue", "queue")
  await ask("archive", "archive", "--dry-run")
  await ask("archive", "archive", id)
  await ask("cx", "cx")
  const shared = join(machine.root, "shared")
  machine.write(join(shared, ".session-rescue-store"), "")
  machine.configure(`[team]\nowner = "me"\nprojects = ["${cwd}"]\n[team.store]\nfolder = "${shared}"\n`)
  await ask("team", "team", "status")
  await ask("push", "push", "--yes")
  await ask("team", "team", "status")
  await ask("pull", "pull", id)
  await ask("verify-remote", "verify", "--remote")
  await ask("forget", "forget", id)
  await ask("team", "team", "status")
  await machine.run(["plugin", "new", "lines", "--stage", "sink"])
  machine.configure(
    `[team]\nowner = "me"\nprojects = ["${cwd}"]\n[team.store]\nfolder = "${shared}"\n[team.sink]\nplugin = "lines"\n`,
  )
  await machine.run(["push", "--yes"])
  await ask("cx", "cx", "--live", "--team")
  await ask("cxq-team", "cxq", "--team", "login")
  machine.configure("")
  for (const what of [
    ["login"],
    ["nothing-of-the-kind", "login"],
    ["loggin"],
    ["please fix the zebra"],
    ["pagee"],
    ["--recent", "5"],
    ["--commands"],
    ["--errors"],
    ["--files"],
  ])
    await ask("cxq", "cxq", ...what)
  await ask("cxq", "cxq", "login", "--context", "1")
  await ask("cxq-tokens", "cxq", "--tokens")
  await ask("stats", "cxq", "--stats")
  await ask("stats", "cx", "--stats")
  await ask("show", "show", id, "--all-parts")
  await ask("secrets", "secrets", id)
  await ask("render", "render", id, "--to", join(machine.root, "rendered"), "--share", "--index")
  rmSync(machine.transcriptPath(id, cwd))
  await ask("restore", "restore", id, "--dry-run")
  await ask("restore", "restore", id)
  await ask("restores", "restore", "--all")
  await ask("restore", "resume", id, "--folder", machine.root)
  await ask("list", "list")
  await ask("reap", "reap", "--dry-run")
  const { starts } = leaving
  await leaving.crashed(id, [starts.server("server", id), starts.tool("tool", id)].join("\n"), [
    "server",
    "tool",
  ])
  await askOn(leaving, "reap", "reap", "--dry-run")
  await askOn(leaving, "reap", "reap", "--force")
  await ask("act", "act", "note", id)
  await ask("plugin-list", "plugin", "list")
  await ask("plugin-check", "plugin", "check")
  await ask("plugin-new", "plugin", "new", "notify", "--stage", "post-process")
  await ask("doctor", "doctor")
  await ask("doctor-transcript", "doctor", id)
  await ask("diff", "diff", id)
  const spoken = (name: string, words: string) =>
    machine.write(join(machine.root, name), more(at).replace("and the logout page", words))
  await ask("diff", "diff", spoken("a.jsonl", "one thing"), spoken("b.jsonl", "another"))
  await ask("restore-before", "restore", id, "--before", "and the logout page", "--dry-run")
  appendFileSync(machine.transcriptPath(id, cwd), `{"torn${more(at)}`)
  await ask("reopen", "reopen", "--dry-run")
  machine.write(join(machine.claude, "file-history", id, "a@v1"), "as it was")
  await ask("recover", "recover", id)
  const typed = { display: "a lost prompt", timestamp: at.getTime(), project: cwd, sessionId: sessionId(77) }
  machine.write(join(machine.claude, "history.jsonl"), `${JSON.stringify(typed)}\n`)
  await ask("recover", "recover", sessionId(77))
  await ask("pack", "pack", id, join(machine.root, "talk.tar.zst"))
  mkdirSync(join(machine.root, "elsewhere"))
  await ask(
    "unpack",
    "unpack",
    join(machine.root, "talk.tar.zst"),
    "--folder",
    join(machine.root, "elsewhere"),
  )
  await ask("repair", "repair", id, "--dry-run")
  await ask("repair", "repair", id)
  await ask("restore-repaired", "restore", id, "--repaired")
  const database = join(machine.root, "one.db")
  new Database(database, { create: true }).run("create table part (id text primary key, data text not null)")
  await ask("repair-database", "doctor", database)
  truncateSync(database, statSync(database).size - 1000)
  await ask("repair-database", "repair", database)
  await ask("setup", "setup", "--commands", "--hooks", "--mcp")
  await ask("setup", "setup", "--remove")
  await ask("setup", "uninstall", "--dry-run")
  await ask("completions", "completions", "bash")
})
afterAll(() => Promise.all([machine.dispose(), leaving.dispose()]))

const more = (at: Date) =>
  `${JSON.stringify({ type: "user", uuid: "more", sessionId: id, cwd, timestamp: at.toISOString(), message: { role: "user", content: "and the logout page" } })}\n`

const act = `import { definePlugin } from "session-rescue"
export default definePlugin({ name: "note", stage: "act", act: async () => ({ noted: true }) })`

/** A conversation with a command that fails, one that works, an edit, and what the answers cost. */
function talk(at: Date): string {
  const base = { sessionId: id, cwd, version: "2.1.332", timestamp: at.toISOString(), gitBranch: "main" }
  const call = (uuid: string, name: string, input: object) => ({
    ...{ ...base, type: "assistant", uuid },
    message: {
      ...{ id: `m-${uuid}`, role: "assistant", model: "claude-x" },
      content: [{ type: "tool_use", id: `t-${uuid}`, name, input }],
      usage: {
        input_tokens: 3,
        output_tokens: 5,
        cache_read_input_tokens: 7,
        cache_creation_input_tokens: 9,
      },
    },
  })
  const result = (uuid: string, of: string, content: string, failed: boolean) => ({
    ...{ ...base, type: "user", uuid },
    message: {
      role: "user",
      content: [{ type: "tool_result", tool_use_id: `t-${of}`, content, is_error: failed }],
    },
  })
  const records = [
    call("c1", "Bash", { command: "make login" }),
    result("r1", "c1", "no rule to make login", true),
    call("c2", "Bash", { command: "ls" }),
    result("r2", "c2", "login.html DB_PASSWORD=made-up-4711", false),
    call("c3", "Edit", { file_path: join(cwd, "login.html"), old_string: "a", new_string: "b" }),
    result("r3", "c3", "done", false),
    {
      ...{ type: "file-history-snapshot", messageId: "r3" },
      snapshot: { trackedFileBackups: { [join(cwd, "login.html")]: { backupFileName: "a@v1" } } },
    },
  ]
  const said = conversation({ id, cwd, at, prompt: "please fix the login page" })
  return said + records.map((record) => `${JSON.stringify(record)}\n`).join("")
}

test("every schema is draft 2020-12, closed, and has a document here", () => {
  for (const [name, schema] of schemas) {
    expect([name, schema.$schema]).toEqual([name, "https://json-schema.org/draft/2020-12/schema"])
    expect([name, openObjects(schema)]).toEqual([name, []])
  }
  const used = new Set(printed.map(({ schema }) => schema))
  expect(names.filter((name) => !used.has(name))).toEqual([])
})

test("every command that takes --json has printed a document", async () => {
  const missing: string[] = []
  for (const [name, load] of Object.entries(commands)) {
    const takesJson = "json" in (await load()).default.args
    const asked = printed.some(({ typed, schema }) => typed.split(" ")[0] === name && schema !== "error")
    if (takesJson !== asked) missing.push(name)
  }
  expect(missing).toEqual([])
})

test("every document fits its schema", () => {
  for (const { typed, schema, document } of printed) {
    validators.get(schema)?.(document)
    const errors = (validators.get(schema)?.errors ?? []).map(
      ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
    )
    expect([typed, errors]).toEqual([typed, []])
  }
})

test("the documents are not empty: each list has an entry in some document", () => {
  const filled = new Set<string>()
  const empty = new Set<string>()
  for (const { schema, document } of printed)
    for (const [key, value] of Object.entries(document))
      if (Array.isArray(value)) (value.length > 0 ? filled : empty).add(`${schema}.${key}`)
  const mayStayEmpty = /\.(warnings|failures|services|rejected|damaged|suggested|left)$|^plugin-new\.kept$/
  expect([...empty].filter((key) => !filled.has(key) && !mayStayEmpty.test(key))).toEqual([])
})

test("a document without one of its keys, with another name for it, or with one more, does not fit", () => {
  for (const { typed, schema, document } of printed) {
    const fits = validators.get(schema)
    if (fits === undefined) throw new Error(`no schema ${schema}`)
    expect([typed, fits({ ...document, unheardOf: 1 })]).toEqual([typed, false])
    for (const [key, value] of Object.entries(document)) {
      const { [key]: _, ...rest } = document
      expect([typed, key, fits({ ...rest, [`${key}s`]: value })]).toEqual([typed, key, false])
      if (!isOptional(schemas.get(schema), key)) expect([typed, key, fits(rest)]).toEqual([typed, key, false])
      const [first, ...others] = Array.isArray(value) ? value : []
      if (typeof first !== "object" || first === null) continue
      const wrong = { ...document, [key]: [{ ...first, unheardOf: 1 }, ...others] }
      if (isClosed(schemas.get(schema), key)) expect([typed, key, fits(wrong)]).toEqual([typed, key, false])
    }
  }
})

// biome-ignore lint/suspicious/noExplicitAny: a schema of any shape
const variants = (schema: any): any[] => schema.anyOf?.flatMap(variants) ?? [schema]

const isOptional = (schema: object, key: string) =>
  variants(schema).every(({ required = [] }) => !required.includes(key))

/** Whether the entries of that list are described (a plugin's own result is not). */
const isClosed = (schema: object, key: string) =>
  variants(schema).some(({ properties = {} }) => typeof properties[key]?.items === "object")

/** Where a schema lets unknown keys through. */
function openObjects(schema: unknown, path = ""): string[] {
  if (typeof schema !== "object" || schema === null) return []
  const isOpen =
    "properties" in schema && (schema as { additionalProperties?: unknown }).additionalProperties !== false
  const below = Object.entries(schema).flatMap(([key, value]) => openObjects(value, `${path}/${key}`))
  return isOpen && !path.endsWith("/properties") ? [path, ...below] : below
}

test("docs/json.md names every key", () => {
  const named = new Set(textOf("docs/json.md").match(/\w+/g))
  const keys = [...schemas.values()].flatMap(keysOf)
  expect([...new Set(keys)].filter((key) => !named.has(key))).toEqual([])
})

function keysOf(schema: unknown): string[] {
  if (typeof schema !== "object" || schema === null) return []
  const { properties = {} } = schema as { properties?: object }
  return [...Object.keys(properties), ...Object.values(schema).flatMap(keysOf)]
}

test("docs/schema is fresh", () => {
  const check = Bun.spawnSync([process.execPath, "run", "build/generate-schemas.ts", "--check"], {
    cwd: root,
  })
  expect([check.exitCode, check.stderr.toString()]).toEqual([0, ""])
})

if (process.env.SHOW_DOCUMENTS)
  test("shows them", () => writeFileSync(process.env.SHOW_DOCUMENTS ?? "", JSON.stringify(printed, null, 2)))
