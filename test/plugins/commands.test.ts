/** plugin list, new, check, and act. */
import { afterEach, beforeEach, describe, expect, test } from "bun:test"
import { readFileSync, statSync } from "node:fs"
import { join } from "node:path"
import { tree } from "../fixtures/machine.ts"
import { decides, PluginMachine } from "../fixtures/plugins.ts"
import { sessionId } from "../fixtures/talk/conversation.ts"

let machine: PluginMachine
beforeEach(() => {
  machine = new PluginMachine()
})
afterEach(() => machine.dispose())

const stages = ["detect", "classify", "act", "post-process", "archive", "store", "sink"]

describe.each(stages)("plugin new --stage %s", (stage) => {
  test("writes an example that works, with the types beside it, private", async () => {
    const made = await machine.ask(["plugin", "new", "mine", "--stage", stage, "--json"])
    const path = join(machine.plugins, stage, "mine.ts")
    expect([made.code, made.json.path]).toEqual([0, path])
    expect(made.json.written).toEqual([
      path,
      join(machine.plugins, "session-rescue.d.ts"),
      join(machine.plugins, "tsconfig.json"),
    ])
    for (const file of made.json.written) expect(statSync(file).mode & 0o777).toBe(0o600)
    const check = await machine.ask(["plugin", "check", "mine"])
    expect([check.code, check.stderr]).toEqual([0, ""])
    expect(check.stdout).toStartWith(`ok  ${stage} mine`)
    expect(check.stdout).toEndWith("Next: session-rescue plugin list\n")
  })

  test("never overwrites anything", async () => {
    await machine.ask(["plugin", "new", "mine", "--stage", stage])
    machine.write(join(machine.plugins, "tsconfig.json"), "{}")
    const before = tree(machine.plugins)
    const again = await machine.ask(["plugin", "new", "mine", "--stage", stage, "--json"])
    expect([again.code, again.json.error.code]).toEqual([4, "REFUSED"])
    expect(tree(machine.plugins)).toEqual(before)
    const other = await machine.ask(["plugin", "new", "other", "--stage", stage])
    expect(other.code).toBe(0)
    expect(other.stderr).toContain("tsconfig.json exists and was not changed")
    expect(readFileSync(join(machine.plugins, "tsconfig.json"), "utf8")).toBe("{}")
  })
})

test("a name that is taken by a folder or a script is taken", async () => {
  machine.add("act", "mine/index.ts", "export default 1")
  machine.add("act", "other.js", "export default 1")
  for (const name of ["mine", "other"]) {
    expect((await machine.ask(["plugin", "new", name, "--stage", "act"])).code).toBe(4)
  }
  expect((await machine.ask(["plugin", "new", "mine", "--stage", "classify"])).code).toBe(0)
})

test("what is typed wrongly is said, and nothing is written", async () => {
  const before = tree(machine.home)
  for (const words of [
    [],
    ["lst"],
    ["new"],
    ["new", "x"],
    ["new", "x", "--stage", "night"],
    ["new", "../x", "--stage", "act"],
    ["new", "kill", "--stage", "act"],
    ["list", "x"],
    ["list", "--stage", "act"],
  ]) {
    const answer = await machine.ask(["plugin", ...words, "--json"])
    expect([words, answer.code, answer.json.error?.code]).toEqual([words, 2, "USAGE"])
  }
  expect(tree(machine.home)).toEqual(before)
})

test("plugin list says of each what it is, where it is from, and why it is not loaded", async () => {
  machine.add("classify", "good", decides("good", "x"))
  machine.add("post-process", "bad", "let y y")
  const { json, code } = await machine.ask(["plugin", "list", "--json"])
  const rows = json.plugins.filter((each: { source: string }) => each.source === "user")
  expect(code).toBe(0)
  expect(rows).toEqual([
    {
      name: "good",
      stage: "classify",
      source: "user",
      state: "loaded",
      why: null,
      fix: null,
      path: join(machine.plugins, "classify/good.ts"),
    },
    {
      name: "bad",
      stage: "post-process",
      source: "user",
      state: "refused",
      why: 'line 1: Expected ";" but found "y"',
      fix: null,
      path: join(machine.plugins, "post-process/bad.ts"),
    },
  ])
  expect(json.plugins).toContainEqual({
    name: "live",
    stage: "classify",
    source: "built-in",
    state: "loaded",
    why: null,
    fix: null,
    path: null,
  })
  const { stdout } = await machine.ask(["plugin", "list"])
  expect(stdout).toMatch(
    /^refused {3}post-process {2}bad {16}~\/\.config\/session-rescue\/plugins\/post-process\/bad\.ts$/m,
  )
  expect(stdout).toEndWith("Next: session-rescue plugin check bad   (once it is fixed)\n")
})

test("without any, plugin list says how to begin one", async () => {
  const { stdout } = await machine.ask(["plugin", "list"])
  expect(stdout).toEndWith(
    "Next: session-rescue plugin new NAME --stage post-process   (creates it in ~/.config/session-rescue/plugins)\n",
  )
})

test("plugin check finds one by its path, wherever it lies below its stage's name", async () => {
  const path = machine.write(join(machine.root, "draft/classify/mine.ts"), decides("mine", "mine alone"))
  const { json, code } = await machine.ask(["plugin", "check", path, "--json"])
  expect(code).toBe(0)
  expect(json.checks[0]).toMatchObject({ name: "mine", stage: "classify", ok: true })
  expect(json.checks[0].did).toContain("ended: ORPHANED · mine alone")
  const odd = machine.write(join(machine.root, "draft/odd/mine.ts"), decides("mine", "x"))
  expect((await machine.ask(["plugin", "check", odd])).code).toBe(2)
  expect((await machine.ask(["plugin", "check", "nothing-like-it"])).code).toBe(3)
})

test("plugin check finds a verdict that would not be believed", async () => {
  machine.add("classify", "mine", decides("mine", "x").replaceAll("ORPHANED", "COMPLETED"))
  const { json, code } = await machine.ask(["plugin", "check", "--json"])
  expect([code, json.checks[0].ok]).toEqual([1, false])
  expect(json.checks[0].why).toMatch(/without a process as COMPLETED: allowed is only ORPHANED/)
})

test("plugin check finds an archiver that does not give back what it was given", async () => {
  await machine.ask(["plugin", "new", "mine", "--stage", "archive"])
  const path = join(machine.plugins, "archive/mine.ts")
  machine.write(
    path,
    readFileSync(path, "utf8").replace("await file.add(bytes)", "await file.add(bytes.subarray(1))"),
  )
  const { json, code } = await machine.ask(["plugin", "check", "mine", "--json"])
  expect([code, json.checks[0].why]).toEqual([1, expect.stringMatching(/is not what it was given$/)])
})

test("an archiver of one's own is chosen in config.toml; what it fails on keeps nothing else from being archived", async () => {
  await machine.ask(["plugin", "new", "mine", "--stage", "archive"])
  const path = join(machine.plugins, "archive/mine.ts")
  const code = readFileSync(path, "utf8")
  const odd = sessionId(2)
  machine.write(
    path,
    code.replace(
      "async store(exported, staging, ctx) {",
      `async store(exported, staging, ctx) {\n    if (exported.name.includes("${odd}")) throw new Error("not this one")`,
    ),
  )
  machine.configure('archiver = "mine"\n')
  const original = readFileSync(machine.transcript(machine.id, {}))
  for (const id of [odd, sessionId(3)]) machine.transcript(id, {})
  await machine.ask(["export", "--all"])
  const { json, code: exit } = await machine.ask(["cx", "--json"])
  expect([exit, JSON.stringify(json).match(/not this one/g)?.length]).toEqual([1, 1])
  const verified = await machine.ask(["verify", "--all"])
  expect([verified.code, verified.stdout.match(/ archived /g)?.length]).toEqual([0, 2])
  const to = join(machine.root, "back")
  expect((await machine.ask(["restore", machine.id, "--to", to])).code).toBe(0)
  const [back = ""] = [...new Bun.Glob("**/*.jsonl").scanSync(to)]
  expect(readFileSync(join(to, back))).toEqual(original)
})

const saver = `
import { definePlugin, showPath } from "session-rescue"
export default definePlugin({ name: "keep", stage: "act", async act(session, ctx) {
  const transcript = session.footprint[0]
  if (session.id === null || transcript === undefined) return null
  const { agent, home, cwd, title, state, detail, flags } = session
  return ctx.save({ id: session.id, transcript: session.transcript, files: [], links: [], others: [],
    session: { id: IDENTITY, agent, home, transcript: showPath(transcript.path), cwd, title, state, detail, flags: [...flags], lastRecordAt: null } })
} })`

describe("act", () => {
  test("runs an act plugin on the sessions named; what it asks to be saved is verified", async () => {
    const transcript = machine.transcript(machine.id, {})
    machine.add("act", "keep", saver.replace("IDENTITY", "session.id"))
    const { json, code } = await machine.ask(["act", "keep", machine.id, "--json"])
    expect([code, json.failures, json.warnings]).toEqual([0, [], []])
    expect(json.results[0].result.status).toBe("verified")
    expect(readFileSync(json.results[0].result.path)).toEqual(readFileSync(transcript))
  })

  test("saves no other session than the one it was given", async () => {
    machine.transcript(machine.id, {})
    machine.add("act", "keep", saver.replace("IDENTITY", '"another"'))
    const { json, code } = await machine.ask(["act", "keep", machine.id, "--json"])
    expect([code, json.failures[0].code]).toEqual([1, "PLUGIN_FAILED"])
    expect(json.failures[0].message).toContain(
      "it asked to save something other than the session it was given",
    )
  })

  test("knows no plugin of that name, and needs a session", async () => {
    expect((await machine.ask(["act", "nothing", "1234"])).code).toBe(3)
    expect((await machine.ask(["act", "nothing"])).code).toBe(2)
  })
})
